import { deadline, within } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import type { ControlConnection } from '../control/connection.js';
import { isRefusal } from '../control/quoting.js';
import { DescriptorUploads } from './descriptor-uploads.js';

/**
 * Seconds as a rule; introduction circuits through bad relays are rebuilt until they hold. tor
 * sometimes holds such a circuit back, to see whether better guards answer, and tries another one only
 * when it times out: after 91 s where tor has learned no timeout yet. That may happen twice.
 */
export const PUBLISH_DEADLINE_MS = 300_000;
/** The last directories answer soon after the first, if at all. */
const LAST_UPLOADS_MS = 2_000;
/** Uploads are answered in a few seconds. Where they are not, a directory is asked instead. */
const ASK_EVERY_MS = 5_000;

interface Followed {
  readonly uploads: DescriptorUploads;
  readonly online: Deferred<undefined>;
  readonly settled: Deferred<undefined>;
  /** Resolves with the first reason to ask a directory; it may be online meanwhile. */
  readonly inDoubt: Deferred<undefined>;
  isOnline: boolean;
}

export interface WatchOptions {
  /** Called for each directory that has accepted a descriptor, with their number so far. */
  readonly onUploaded?: ((uploaded: number) => void) | undefined;
  /** Default PUBLISH_DEADLINE_MS. */
  readonly deadlineMs?: number | undefined;
  /** Default ASK_EVERY_MS. */
  readonly askEveryMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly logger: Logger;
}

/**
 * Waits until clients can find a service. It begins before the service is added, or its first
 * events are missed; the address may become known afterwards.
 *
 * Where the answers to uploads leave open whether clients can find it, its own tor asks for the
 * descriptor as a client would (HSFETCH): that tells at once which of the two descriptors clients
 * ask for now, and then whether a directory has it.
 */
export class OnlineWatch implements Disposable {
  readonly #connection: ControlConnection;
  readonly #options: WatchOptions;
  readonly #deadlineMs: number;
  readonly #limit: ReturnType<typeof deadline>;
  /** By address without `.onion`. */
  readonly #followed = new Map<string, Followed>();
  #listener: Disposable | undefined;
  #onion: OnionAddress | undefined;

  private constructor(connection: ControlConnection, options: WatchOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? PUBLISH_DEADLINE_MS;
    this.#limit = deadline(this.#deadlineMs, () => this.#notOnline(), options.signal);
  }

  /** The deadline begins here. @throws what listening to events throws; the signal's reason */
  static async begin(connection: ControlConnection, options: WatchOptions): Promise<OnlineWatch> {
    const watch = new OnlineWatch(connection, options);
    try {
      watch.#listener = await connection.listen('HS_DESC', ([line = '']) => watch.#take(line), {
        signal: watch.signal,
      });
      return watch;
    } catch (error) {
      watch[Symbol.dispose]();
      throw error;
    }
  }

  /** Aborts at the deadline, and when the caller's does. */
  get signal(): AbortSignal {
    return this.#limit.signal;
  }

  /**
   * @param isPatient whether to wait for all directories: a client that asks one without a
   *   descriptor loses a second, and asks another
   * @throws OnionferryError ERR_TOR_PUBLISH if it is not online in time; the signal's reason
   */
  async untilOnline(onion: OnionAddress, isPatient = true): Promise<void> {
    this.#onion = onion;
    const followed = this.#follow(nameOf(onion));
    const { uploads, online, settled, inDoubt } = followed;
    const { askEveryMs = ASK_EVERY_MS } = this.#options;
    if (uploads.uploaded > 0) this.#options.onUploaded?.(uploads.uploaded);
    await within(Promise.race([online.promise, inDoubt.promise]), askEveryMs, this.signal);
    for (let turn = 0; !followed.isOnline; turn++) {
      await this.#ask(nameOf(onion), uploads.holders, turn);
      await within(online.promise, askEveryMs, this.signal);
    }
    // It may be dialled through this tor, which shall have the descriptor then.
    if (uploads.isMissed) await this.#ask(nameOf(onion), uploads.holders, 0);
    if (isPatient) await within(settled.promise, LAST_UPLOADS_MS, this.signal);
  }

  [Symbol.dispose](): void {
    this.#listener?.[Symbol.dispose]();
    this.#limit[Symbol.dispose]();
  }

  #take(line: string): void {
    const name = line.split(' ')[1] ?? '';
    const followed = this.#follow(name);
    const { uploads } = followed;
    const change = uploads.take(line);
    if (this.#onion !== undefined && name === nameOf(this.#onion)) {
      if (change === 'uploaded') this.#options.onUploaded?.(uploads.uploaded);
      if (change === 'failed') this.#options.logger.debug(`a descriptor was not accepted: ${line}`);
    }
    if (uploads.isInDoubt) followed.inDoubt.resolve(undefined);
    if (!uploads.isOnline) return;
    followed.isOnline = true;
    followed.online.resolve(undefined);
    if (uploads.isSettled) followed.settled.resolve(undefined);
  }

  /** Has tor ask one of the directories that may have it; events tell what becomes of it. */
  async #ask(name: string, holders: readonly string[], turn: number): Promise<void> {
    const holder = holders[turn % holders.length];
    if (holder === undefined) return;
    this.#options.logger.debug(`asking a directory for the descriptor of ${name}`);
    try {
      await this.#connection.send(`HSFETCH ${name} SERVER=${holder}`, { signal: this.signal });
    } catch (error) {
      // A filter before the control port may refuse it; events may still come.
      if (!isRefusal(error)) throw error;
    }
  }

  #follow(name: string): Followed {
    let followed = this.#followed.get(name);
    if (followed === undefined) {
      followed = {
        uploads: new DescriptorUploads(name),
        online: deferred(),
        settled: deferred(),
        inDoubt: deferred(),
        isOnline: false,
      };
      this.#followed.set(name, followed);
    }
    return followed;
  }

  #notOnline(): OnionferryError {
    const followed = this.#onion && this.#followed.get(nameOf(this.#onion));
    return new OnionferryError(
      'ERR_TOR_PUBLISH',
      `the onion service was not online within ${this.#deadlineMs / 1000} seconds: ${whyNot(followed?.uploads)}; try again`,
    );
  }
}

function whyNot(uploads: DescriptorUploads | undefined): string {
  if (uploads === undefined || uploads.begun === 0) return 'no introduction point could be reached';
  const { begun, uploaded, failed, lastReason } = uploads;
  if (uploaded + failed === 0) return 'no directory answered';
  const reason = lastReason === undefined ? '' : ` (${lastReason})`;
  return `of ${begun} uploads of its descriptors, directories accepted ${uploaded} and refused ${failed}${reason}`;
}

function nameOf(onion: OnionAddress): string {
  return onion.replace(/\.onion$/, '');
}
