import { deadline, untilAborted, within } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import type { ControlConnection } from '../control/connection.js';
import { DescriptorUploads } from './descriptor-uploads.js';

/** Seconds as a rule; introduction circuits through bad relays are rebuilt until they hold. */
export const PUBLISH_DEADLINE_MS = 120_000;
/** The last directories answer soon after the first, if at all. */
const LAST_UPLOADS_MS = 2_000;

interface Followed {
  readonly uploads: DescriptorUploads;
  readonly online: Deferred<undefined>;
  readonly settled: Deferred<undefined>;
}

export interface WatchOptions {
  /** Called for each directory that has accepted a descriptor, with their number so far. */
  readonly onUploaded?: ((uploaded: number) => void) | undefined;
  /** Default PUBLISH_DEADLINE_MS. */
  readonly deadlineMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly logger: Logger;
}

/**
 * Waits until clients can find a service. It begins before the service is added, or its first
 * events are missed; the address may become known afterwards.
 */
export class OnlineWatch implements Disposable {
  readonly #options: WatchOptions;
  readonly #deadlineMs: number;
  readonly #limit: ReturnType<typeof deadline>;
  /** By address without `.onion`. */
  readonly #followed = new Map<string, Followed>();
  #listener: Disposable | undefined;
  #onion: OnionAddress | undefined;

  private constructor(options: WatchOptions) {
    this.#options = options;
    this.#deadlineMs = options.deadlineMs ?? PUBLISH_DEADLINE_MS;
    this.#limit = deadline(this.#deadlineMs, () => this.#notOnline(), options.signal);
  }

  /** The deadline begins here. @throws what listening to events throws; the signal's reason */
  static async begin(connection: ControlConnection, options: WatchOptions): Promise<OnlineWatch> {
    const watch = new OnlineWatch(options);
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
    const { uploads, online, settled } = this.#follow(nameOf(onion));
    if (uploads.uploaded > 0) this.#options.onUploaded?.(uploads.uploaded);
    await untilAborted(online.promise, this.signal);
    if (isPatient) await within(settled.promise, LAST_UPLOADS_MS, this.signal);
  }

  [Symbol.dispose](): void {
    this.#listener?.[Symbol.dispose]();
    this.#limit[Symbol.dispose]();
  }

  #take(line: string): void {
    const name = line.split(' ')[1] ?? '';
    const { uploads, online, settled } = this.#follow(name);
    const change = uploads.take(line);
    if (this.#onion !== undefined && name === nameOf(this.#onion)) {
      if (change === 'uploaded') this.#options.onUploaded?.(uploads.uploaded);
      if (change === 'failed') this.#options.logger.debug(`a descriptor was not accepted: ${line}`);
    }
    if (!uploads.isOnline) return;
    online.resolve(undefined);
    if (uploads.isSettled) settled.resolve(undefined);
  }

  #follow(name: string): Followed {
    let followed = this.#followed.get(name);
    if (followed === undefined) {
      const uploads = new DescriptorUploads(name);
      followed = { uploads, online: deferred(), settled: deferred() };
      this.#followed.set(name, followed);
    }
    return followed;
  }

  #notOnline(): OnionferryError {
    const followed = this.#onion && this.#followed.get(nameOf(this.#onion));
    const { uploaded = 0, failed = 0, lastReason } = followed?.uploads ?? {};
    const why =
      uploaded + failed === 0
        ? 'no introduction point could be reached'
        : `${uploaded} directories accepted its descriptor and ${failed} did not${lastReason === undefined ? '' : ` (${lastReason})`}`;
    return new OnionferryError(
      'ERR_TOR_PUBLISH',
      `the onion service was not online within ${this.#deadlineMs / 1000} seconds: ${why}; try again`,
    );
  }
}

function nameOf(onion: OnionAddress): string {
  return onion.replace(/\.onion$/, '');
}
