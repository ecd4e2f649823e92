import type { Cleanup } from '../../base/cleanup.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { ControlConnection } from '../control/connection.js';
import type { SocksEndpoint } from '../dial/dial-onion.js';
import { type Publication, Publisher, type ServiceOptions } from '../service/publish.js';
import { reopenNetwork } from './reopen-network.js';
import type { Tor } from './tor.js';

/** A tor that answers on its control port, whoever started it. */
export interface TorBase {
  readonly connection: ControlConnection;
  readonly socks: SocksEndpoint;
  readonly version: string;
  /** For the keys of services: private to us, and readable to tor; or why there is none. */
  readonly serviceDirectory: string | OnionferryError;
  /** Whether we have started it, and nobody else gives it services. */
  readonly isOurs: boolean;
  /** tor's last complaint, as far as we can see its log. */
  readonly lastWarning: () => string | undefined;
  /** Resolves when it has ended by itself. */
  readonly ended: Promise<OnionferryError>;
}

/** One run of a tor. `cleanup` holds what ends `base`; nothing here outlives it. */
export class RunningTor implements Tor {
  readonly socks: SocksEndpoint;
  readonly version: string;
  readonly died: Promise<OnionferryError>;
  readonly #base: TorBase;
  readonly #cleanup: Cleanup;
  readonly #publisher: Publisher | OnionferryError;
  readonly #publications = new Set<Publication>();
  /** Aborts with what is to be told to whoever waits for tor. */
  readonly #gone = new AbortController();
  #isClosing = false;

  constructor(base: TorBase, logger: Logger, cleanup: Cleanup) {
    this.#base = base;
    this.#cleanup = cleanup;
    this.socks = base.socks;
    this.version = base.version;
    this.#publisher =
      typeof base.serviceDirectory === 'string'
        ? new Publisher(
            base.connection,
            { directory: base.serviceDirectory, isOurs: base.isOurs },
            logger,
          )
        : base.serviceDirectory;
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
    const publication = await this.whileAlive(
      (signal) => publisher.publish({ ...service, signal }),
      service.signal,
    );
    const close = async (): Promise<void> => {
      this.#publications.delete(tracked);
      await publication.close();
    };
    const tracked: Publication = { onion: publication.onion, close };
    this.#publications.add(tracked);
    return tracked;
  }

  async newCircuits(): Promise<void> {
    await this.whileAlive((signal) => this.#base.connection.signal('NEWNYM', { signal }));
  }

  /** Whether it has gone, or is just going: why is told by `died`. */
  get hasEnded(): boolean {
    return this.#isClosing || this.#base.connection.isClosed;
  }

  /** For those who watch it. */
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
      // What it has found out of services meanwhile is that none can be reached.
      await connection.signal('NEWNYM', { signal });
      return isBack;
    });
  }

  async closeCircuit(circuit: number): Promise<void> {
    await this.whileAlive(async (signal) => {
      try {
        await this.#base.connection.send(`CLOSECIRCUIT ${String(circuit)}`, { signal });
      } catch (error) {
        // 552: it has gone by itself.
        if (!hasCode(error, 'ERR_TOR_CONTROL') || !/: 552 /.test(error.message)) throw error;
      }
    });
  }

  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#gone.abort(new OnionferryError('ERR_INTERRUPTED', 'tor has been closed'));
      for (const publication of this.#publications) this.#cleanup.add(() => publication.close());
    }
    await this.#cleanup.run();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Does `work`; if tor ends meanwhile, that is what is thrown, and not what came of it. */
  async whileAlive<T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const gone = this.#gone.signal;
    try {
      return await work(signal === undefined ? gone : AbortSignal.any([gone, signal]));
    } catch (error) {
      // A command fails at once when tor dies; why it died is known a moment later.
      if (this.#base.connection.isClosed && signal?.aborted !== true) throw await this.#base.ended;
      throw error;
    }
  }
}
