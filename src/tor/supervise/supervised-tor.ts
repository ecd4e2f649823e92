import { Cleanup } from '../../base/cleanup.js';
import { sleep, untilAborted } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { asOnionferryError, hasCode, OnionferryError } from '../../base/errors.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import type { SocksEndpoint } from '../dial/dial-onion.js';
import type { RunningTor } from '../instance/running-tor.js';
import { closeQuietly, prepareTor, type TorStarter } from '../instance/start-tor.js';
import type { StartTorOptions, Tor } from '../instance/tor.js';
import type { Publication, ServiceOptions } from '../service/publish.js';
import { RestartPolicy } from './restart-policy.js';
import { SupervisedPublication } from './supervised-publication.js';
import { watchNetwork } from './watch-network.js';

export interface SupervisedTorOptions extends StartTorOptions {
  /** Tor has ended, and is being started again. */
  readonly onAway?: ((reason: string) => void) | undefined;
  /** It is back, and so are all services. */
  readonly onBack?: (() => void) | undefined;
}

/**
 * A tor that is started again when it ends, from the same data directory and with the same services,
 * and that looks after its connection to the network.
 *
 * @throws what startTor throws, if it cannot be started at first
 */
export async function startSupervisedTor(options: SupervisedTorOptions): Promise<Tor> {
  const place = new Cleanup();
  const opened = new Cleanup();
  try {
    const start = await prepareTor(options, place);
    const { signal, bootstrapStallMs } = options;
    let stepped = Number.POSITIVE_INFINITY;
    let longestStepMs = 0;
    const onBootstrap = (percent: number, summary: string): void => {
      longestStepMs = Math.max(longestStepMs, performance.now() - stepped);
      stepped = performance.now();
      options.onBootstrap?.(percent, summary);
    };
    const tor = await start(opened, { onBootstrap, signal, bootstrapStallMs });
    return new SupervisedTor(tor, { start, place, longestStepMs }, options);
  } catch (error) {
    await closeQuietly(opened, options.logger);
    await closeQuietly(place, options.logger);
    throw error;
  }
}

/** What starts the next tor. */
interface Renewal {
  readonly start: TorStarter;
  /** What one after another uses. */
  readonly place: Cleanup;
  /** How long the first stayed at one percentage. */
  readonly longestStepMs: number;
}

class SupervisedTor implements Tor {
  readonly version: string;
  readonly died: Promise<OnionferryError>;
  readonly #options: SupervisedTorOptions;
  readonly #logger: Logger;
  readonly #start: TorStarter;
  readonly #place: Cleanup;
  readonly #publications = new Set<SupervisedPublication>();
  /** Aborts when it is closed, or given up. */
  readonly #over = new AbortController();
  readonly #died: Deferred<OnionferryError> = deferred();
  readonly #kept: Promise<void>;
  #tor: RunningTor;
  /** Resolves when another has taken the place of #tor. */
  #next: Deferred<void> = deferred();
  /** Resolves when #tor is to be replaced, though it runs. */
  #unreached: Deferred<OnionferryError> = deferred();
  #waking: Promise<boolean> | undefined;
  #closed: Promise<void> | undefined;

  constructor(
    tor: RunningTor,
    { start, place, longestStepMs }: Renewal,
    options: SupervisedTorOptions,
  ) {
    this.#tor = tor;
    this.#start = start;
    this.#options = options;
    this.#logger = options.logger ?? silentLogger;
    this.#place = place;
    this.version = tor.version;
    this.died = this.#died.promise;
    this.#kept = this.#keep(new RestartPolicy(tor.isOurs, longestStepMs));
  }

  get socks(): SocksEndpoint {
    return this.#tor.socks;
  }

  async ready(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#over.signal.throwIfAborted();
    while (this.#tor.hasEnded) {
      await untilAborted(untilAborted(this.#next.promise, this.#over.signal), signal);
    }
  }

  async publish(service: ServiceOptions): Promise<Publication> {
    const publication = new SupervisedPublication(service, this.#logger);
    await this.#whileBack((tor) => publication.open(tor), service.signal);
    this.#publications.add(publication);
    return {
      onion: publication.onion,
      close: async (): Promise<void> => {
        this.#publications.delete(publication);
        await publication.close();
      },
    };
  }

  async newCircuits(): Promise<void> {
    await this.#whileBack((tor) => tor.newCircuits());
  }

  async closeCircuit(circuit: number): Promise<void> {
    const tor = this.#tor;
    try {
      await tor.closeCircuit(circuit);
    } catch (error) {
      // With its tor, the circuit has ended as well.
      if (!tor.hasEnded) throw error;
    }
  }

  wake(): Promise<boolean> {
    this.#waking ??= this.#wake().finally(() => {
      this.#waking = undefined;
    });
    return this.#waking;
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Does `work`, with the next tor if it fails because this one has ended. */
  async #whileBack<T>(work: (tor: RunningTor) => Promise<T>, signal?: AbortSignal): Promise<T> {
    for (;;) {
      await this.ready(signal);
      const tor = this.#tor;
      try {
        return await work(tor);
      } catch (error) {
        if (!tor.hasEnded || signal?.aborted === true) throw error;
      }
    }
  }

  async #wake(): Promise<boolean> {
    await this.ready();
    const [tor, next] = [this.#tor, this.#next.promise];
    const hasReached = await tor.wake().catch((error: unknown) => {
      this.#logger.debug(`waking tor: ${String(error)}`);
      return false;
    });
    if (tor.hasEnded) {
      await this.ready();
      return true;
    }
    if (hasReached || !tor.isOurs) return hasReached;
    this.#unreached.resolve(
      new OnionferryError('ERR_TOR_BOOTSTRAP', 'tor does not reach its network any more'),
    );
    await untilAborted(next, this.#over.signal);
    return true;
  }

  /** Has a tor run, until it is closed or given up. */
  async #keep(restartPolicy: RestartPolicy): Promise<void> {
    const { signal } = this.#over;
    try {
      for (;;) {
        void this.#watch(this.#tor);
        this.#unreached = deferred();
        const ends = Promise.race([this.#tor.died, this.#unreached.promise]);
        const end = await untilAborted(ends, signal);
        restartPolicy.failed(end);
        this.#logger.debug(`${end.message}; starting it again`);
        this.#options.onAway?.(reasonOf(end, this.#tor));
        await this.#tor.close().catch((error: unknown) => this.#logger.debug(String(error)));
        this.#tor = await this.#revive(restartPolicy, signal);
        restartPolicy.succeeded();
        this.#next.resolve();
        this.#next = deferred();
        void this.#publishAgain(this.#tor);
      }
    } catch (error) {
      if (signal.aborted) return;
      const last = asOnionferryError(error, 'ERR_INTERNAL', 'tor could not be kept');
      this.#over.abort(last);
      this.#died.resolve(last);
    }
  }

  async #revive(restartPolicy: RestartPolicy, signal: AbortSignal): Promise<RunningTor> {
    const { onBootstrap } = this.#options;
    for (;;) {
      await sleep(restartPolicy.pauseMs(), signal);
      const opened = new Cleanup();
      try {
        const { stallMs: bootstrapStallMs } = restartPolicy;
        return await this.#start(opened, { onBootstrap, bootstrapStallMs, signal });
      } catch (error) {
        await closeQuietly(opened, this.#logger);
        signal.throwIfAborted();
        restartPolicy.failed(asOnionferryError(error, 'ERR_INTERNAL', 'tor could not be started'));
        this.#logger.debug(`starting tor again: ${String(error)}`);
      }
    }
  }

  async #publishAgain(tor: RunningTor): Promise<void> {
    const { signal } = this.#over;
    await Promise.all([...this.#publications].map((service) => service.renew(tor, signal)));
    if (!tor.hasEnded && !signal.aborted) this.#options.onBack?.();
  }

  async #watch(tor: RunningTor): Promise<void> {
    // Somebody else's tor is not ours to disturb.
    if (!tor.isOurs) return;
    const watch = {
      isHosting: () => this.#publications.size > 0,
      wake: () => this.wake(),
      logger: this.#logger,
      signal: this.#over.signal,
    };
    await watchNetwork(tor.connection, watch).catch((error: unknown) => {
      if (!tor.hasEnded) this.#logger.debug(`the network is watched no more: ${String(error)}`);
    });
  }

  async #close(): Promise<void> {
    this.#over.abort(new OnionferryError('ERR_INTERRUPTED', 'tor has been closed'));
    await this.#kept;
    const ending = new Cleanup();
    ending.add(() => this.#place.run());
    ending.add(() => this.#tor.close());
    for (const publication of this.#publications) ending.add(() => publication.close());
    await ending.run();
  }
}

function reasonOf(end: OnionferryError, { isOurs }: RunningTor): string {
  if (hasCode(end, 'ERR_TOR_BOOTSTRAP')) return 'the network is away';
  return isOurs
    ? 'tor has ended; it is being started again'
    : 'the running tor is gone; it is being looked for again';
}
