import type { Cleanup } from '../../base/cleanup.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import type { ClientKey } from '../../onion/client-key.js';
import type { ControlConnection } from '../control/connection.js';
import type { TorEndpoint } from '../control/endpoint.js';
import { type KeyInTor, presentKey } from '../dial/present-key.js';
import { type Publication, Publisher, type ServiceOptions } from '../service/publish.js';
import {
  type EphemeralPublication,
  type EphemeralServiceOptions,
  publishEphemeral,
} from '../service/publish-ephemeral.js';
import { publishForwarded } from '../service/publish-forwarded.js';
import { reopenNetwork } from './reopen-network.js';
import type { Tor } from './tor.js';

/** A tor whose control port we are connected to, started by us or by somebody else. */
export interface TorBase {
  readonly connection: ControlConnection;
  readonly socks: TorEndpoint;
  readonly version: string;
  /** Why it cannot be given services with keys of ours, if so. */
  readonly cannotPublish?: OnionferryError | undefined;
  /** Of one that somebody else started: where its control port is. */
  readonly where?: string;
  /** Whether it has to be given services as to a stranger: see publishForwarded. */
  readonly forwards?: boolean;
  /** Whether it runs as another user, who reaches none of our sockets. */
  readonly isStranger?: boolean;
  /** Whether we started it, and nobody else adds services to it. */
  readonly isOurs: boolean;
  /** The last warning in tor's log, if we see that. */
  readonly lastWarning: () => string | undefined;
  /** Aborts when it will never be connected, for want of room; not of a tor that is not ours. */
  readonly noRoom?: AbortSignal;
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<OnionferryError>;
}

/** One run of a tor. `cleanup` ends `base`; nothing here outlives it. */
export class RunningTor implements Tor {
  readonly socks: TorEndpoint;
  readonly version: string;
  readonly died: Promise<OnionferryError>;
  readonly #base: TorBase;
  readonly #cleanup: Cleanup;
  readonly #logger: Logger;
  readonly #publisher: Publisher | OnionferryError;
  /** Aborts all work on this tor with the error to throw from it. */
  readonly #gone = new AbortController();
  #isClosing = false;

  constructor(base: TorBase, logger: Logger, cleanup: Cleanup) {
    this.#base = base;
    this.#cleanup = cleanup;
    this.#logger = logger;
    this.socks = base.socks;
    this.version = base.version;
    const { connection, cannotPublish, isOurs } = base;
    const publisher = new Publisher(connection, { isOurs, logger });
    this.#publisher = cannotPublish ?? publisher;
    cleanup.add(() => publisher.close());
    this.died = new Promise((resolve) => {
      void base.ended.then((error) => {
        if (this.#isClosing) return;
        this.#gone.abort(error);
        resolve(error);
      });
    });
  }

  async publish(service: ServiceOptions): Promise<Publication> {
    const publisher = this.#publisher;
    if (publisher instanceof OnionferryError) throw publisher;
    const { connection, forwards = false, socks } = this.#base;
    const publish = (signal: AbortSignal): Promise<Publication> =>
      forwards
        ? publishForwarded(connection, { ...service, signal }, { socks, logger: this.#logger })
        : publisher.publish({ ...service, signal });
    return await this.whileAlive(publish, service.signal);
  }

  async publishEphemeral(service: EphemeralServiceOptions): Promise<EphemeralPublication> {
    const { connection, isStranger = false } = this.#base;
    if (isStranger) {
      throw new OnionferryError(
        'ERR_TOR_PUBLISH',
        'the running tor belongs to another user and cannot be given a second address',
      );
    }
    const publish = (signal: AbortSignal): Promise<EphemeralPublication> =>
      publishEphemeral(connection, { ...service, signal }, this.#logger);
    return await this.whileAlive(publish, service.signal);
  }

  async presentKey(onion: OnionAddress, key: ClientKey): Promise<KeyInTor> {
    return await this.whileAlive(() => presentKey(this.#base.connection, onion, key));
  }

  /**
   * Calls `listener` whenever tor has obeyed NEWNYM, which makes it forget the keys it was given.
   *
   * @throws OnionferryError ERR_TOR_CONTROL if it does not tell
   */
  async onKeysForgotten(listener: () => void): Promise<void> {
    await this.whileAlive((signal) =>
      this.#base.connection.listen(
        'SIGNAL',
        ([line = '']) => {
          if (line.includes('NEWNYM')) listener();
        },
        { signal },
      ),
    );
  }

  async newCircuits(): Promise<void> {
    await this.whileAlive((signal) => this.#base.connection.signal('NEWNYM', { signal }));
  }

  /** Whether it has ended or is ending; `died` says why. */
  get hasEnded(): boolean {
    return this.#isClosing || this.#base.connection.isClosed;
  }

  /** For the supervisor. */
  get connection(): ControlConnection {
    return this.#base.connection;
  }

  get isOurs(): boolean {
    return this.#base.isOurs;
  }

  async ready(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#gone.signal.throwIfAborted();
    if (this.#base.connection.isClosed) throw await this.#base.ended;
  }

  async wake(): Promise<boolean> {
    const { connection, isOurs } = this.#base;
    return await this.whileAlive(async (signal) => {
      const isBack = !isOurs || (await reopenNetwork(connection, signal));
      // Meanwhile it has learnt of every service that it cannot be reached: forget that.
      await connection.signal('NEWNYM', { signal });
      return isBack;
    });
  }

  async closeCircuit(circuit: number): Promise<void> {
    const { connection } = this.#base;
    await this.whileAlive((signal) => connection.closeCircuit(String(circuit), { signal }));
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    this.#gone.abort(new OnionferryError('ERR_INTERRUPTED', 'tor has been closed'));
    await this.#cleanup.run();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /**
   * Does `work`. If tor ends meanwhile, throws why, instead of the error that `work` got from it.
   */
  async whileAlive<T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const gone = this.#gone.signal;
    try {
      return await work(signal === undefined ? gone : AbortSignal.any([gone, signal]));
    } catch (error) {
      // A command fails at once when tor ends; why it ended is known a moment later.
      if (this.#base.connection.isClosed && signal?.aborted !== true) throw await this.#base.ended;
      throw error;
    }
  }
}
