import { setMaxListeners } from 'node:events';
import { Cleanup } from '../../base/cleanup.js';
import { sleep, untilAborted } from '../../base/deadline.js';
import { type Deferred, deferred } from '../../base/deferred.js';
import { asOnionferryError, hasCode, OnionferryError } from '../../base/errors.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import type { ClientKey } from '../../onion/client-key.js';
import type { TorEndpoint } from '../control/endpoint.js';
import type { PresentedKey } from '../dial/present-key.js';
import { prepareTor, type TorStarter } from '../instance/prepare-tor.js';
import type { RunningTor } from '../instance/running-tor.js';
import type { StartTorOptions, Tor } from '../instance/tor.js';
import type { Publication, ServiceOptions } from '../service/publish.js';
import type {
  EphemeralPublication,
  EphemeralServiceOptions,
} from '../service/publish-ephemeral.js';
import { PresentedKeys } from './presented-keys.js';
import { RestartPolicy } from './restart-policy.js';
import { SupervisedPublication } from './supervised-publication.js';
import { watchNetwork } from './watch-network.js';

/**
 * A tor that is restarted when it ends, from the same data directory and with the same services,
 * and that keeps its connection to the network. ../README.md shows its states.
 *
 * @throws OnionferryError ERR_TOR_… as prepareTor and TorStarter do, if the first start fails; the
 *   signal's reason. Everything that was opened is closed then.
 */
export async function startSupervisedTor(options: StartTorOptions): Promise<Tor> {
  const { logger = silentLogger, signal, bootstrapStallMs } = options;
  const kept = new Cleanup();
  const opened = new Cleanup();
  try {
    const start = await prepareTor(options, kept);
    let steppedAt = Number.POSITIVE_INFINITY;
    let longestStepMs = 0;
    const onBootstrap = (percent: number, summary: string): void => {
      longestStepMs = Math.max(longestStepMs, performance.now() - steppedAt);
      steppedAt = performance.now();
      options.onBootstrap?.(percent, summary);
    };
    const { onDialable } = options;
    const tor = await start(opened, { onBootstrap, onDialable, signal, bootstrapStallMs });
    return new SupervisedTor(tor, { ...options, logger, start, kept, longestStepMs });
  } catch (error) {
    await opened.runAfterFailure(logger);
    await kept.runAfterFailure(logger);
    throw error;
  }
}

interface Supervision extends Pick<StartTorOptions, 'onBootstrap' | 'onAway' | 'onBack'> {
  readonly logger: Logger;
  readonly start: TorStarter;
  /** What every run uses. */
  readonly kept: Cleanup;
  /** The longest time that the first start stayed at one percentage. */
  readonly longestStepMs: number;
}

class SupervisedTor implements Tor {
  readonly version: string;
  readonly died: Promise<OnionferryError>;
  readonly #supervision: Supervision;
  readonly #logger: Logger;
  readonly #publications = new Set<SupervisedPublication>();
  readonly #keys: PresentedKeys;
  /** Aborts when it is closed or given up. */
  readonly #over = new AbortController();
  readonly #died: Deferred<OnionferryError> = deferred();
  /** Resolves when supervision has ended. */
  readonly #supervised: Promise<void>;
  /** The current run, or the last one while tor is restarted. */
  #tor: RunningTor;
  /** Resolves when #tor has been replaced. */
  #replaced: Deferred<void> = deferred();
  /** Resolves when #tor has to be replaced although it runs. */
  #unreached: Deferred<OnionferryError> = deferred();
  #waking: Promise<boolean> | undefined;
  #closed: Promise<void> | undefined;

  constructor(tor: RunningTor, supervision: Supervision) {
    this.#tor = tor;
    this.#supervision = supervision;
    this.#logger = supervision.logger;
    this.#keys = new PresentedKeys(supervision.logger);
    // One for each dial that waits for the next run, besides our own.
    setMaxListeners(0, this.#over.signal);
    this.version = tor.version;
    this.died = this.#died.promise;
    this.#supervised = this.#supervise(new RestartPolicy(tor.isOurs, supervision.longestStepMs));
  }

  get socks(): TorEndpoint {
    return this.#tor.socks;
  }

  async ready(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#over.signal.throwIfAborted();
    while (this.#tor.hasEnded) {
      await untilAborted(untilAborted(this.#replaced.promise, this.#over.signal), signal);
    }
  }

  async publish(service: ServiceOptions): Promise<Publication> {
    const publication = new SupervisedPublication(service, this.#logger);
    await this.#onRunning((tor) => publication.open(tor), service.signal);
    this.#publications.add(publication);
    return {
      onion: publication.onion,
      close: async (): Promise<void> => {
        this.#publications.delete(publication);
        await publication.close();
      },
    };
  }

  async publishEphemeral(service: EphemeralServiceOptions): Promise<EphemeralPublication> {
    return await this.#onRunning((tor) => tor.publishEphemeral(service), service.signal);
  }

  async presentKey(onion: OnionAddress, key: ClientKey): Promise<PresentedKey> {
    return await this.#onRunning((tor) => this.#keys.present(tor, onion, key));
  }

  async newCircuits(): Promise<void> {
    await this.#onRunning(async (tor) => {
      await tor.newCircuits();
      // Where tor does not say itself that it has forgotten them.
      await this.#keys.renew(tor);
    });
  }

  async closeCircuit(circuit: number): Promise<void> {
    const tor = this.#tor;
    try {
      await tor.closeCircuit(circuit);
    } catch (error) {
      // The circuit has ended with its tor.
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

  /** Does `work` on a running tor, again on the next one if it failed because tor ended. */
  async #onRunning<T>(work: (tor: RunningTor) => Promise<T>, signal?: AbortSignal): Promise<T> {
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
    const [tor, replaced] = [this.#tor, this.#replaced.promise];
    const hasReached = await tor.wake().catch((error: unknown) => {
      this.#logger.debug(`waking tor: ${String(error)}`);
      return false;
    });
    if (tor.hasEnded) {
      await this.ready();
      return true;
    }
    await this.#keys.renew(tor);
    if (hasReached || !tor.isOurs) return hasReached;
    this.#unreached.resolve(
      new OnionferryError('ERR_TOR_BOOTSTRAP', 'tor no longer reaches its network'),
    );
    await untilAborted(replaced, this.#over.signal);
    return true;
  }

  /** Restarts tor whenever it ends, until it is closed or given up. */
  async #supervise(policy: RestartPolicy): Promise<void> {
    const { signal } = this.#over;
    try {
      for (;;) {
        void this.#watch(this.#tor);
        this.#unreached = deferred();
        const ends = Promise.race([this.#tor.died, this.#unreached.promise]);
        const end = await untilAborted(ends, signal);
        policy.failed(end);
        this.#logger.debug(`${end.message}; restarting it`);
        this.#supervision.onAway?.(reasonOf(end, this.#tor));
        await this.#tor
          .close()
          .catch((error: unknown) => this.#logger.debug(`closing the last tor: ${String(error)}`));
        const next = await this.#restart(policy, signal);
        // Before anybody dials.
        await this.#keys.renew(next);
        this.#tor = next;
        policy.succeeded();
        this.#replaced.resolve();
        this.#replaced = deferred();
        void this.#publishAgain(this.#tor);
      }
    } catch (error) {
      if (signal.aborted) return;
      const last = asOnionferryError(error, 'ERR_INTERNAL', 'tor could not be supervised');
      this.#over.abort(last);
      this.#died.resolve(last);
    }
  }

  async #restart(policy: RestartPolicy, signal: AbortSignal): Promise<RunningTor> {
    const { onBootstrap, start } = this.#supervision;
    for (;;) {
      await sleep(policy.pauseMs(), signal);
      const opened = new Cleanup();
      try {
        return await start(opened, { onBootstrap, bootstrapStallMs: policy.stallMs, signal });
      } catch (error) {
        await opened.runAfterFailure(this.#logger);
        signal.throwIfAborted();
        this.#logger.debug(`restarting tor: ${String(error)}`);
        policy.failed(asOnionferryError(error, 'ERR_INTERNAL', 'tor could not be started'));
      }
    }
  }

  async #publishAgain(tor: RunningTor): Promise<void> {
    const { signal } = this.#over;
    await Promise.all([...this.#publications].map((service) => service.renew(tor, signal)));
    if (!tor.hasEnded && !signal.aborted) this.#supervision.onBack?.();
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
      if (!tor.hasEnded) this.#logger.debug(`the network is no longer watched: ${String(error)}`);
    });
  }

  async #close(): Promise<void> {
    this.#over.abort(new OnionferryError('ERR_INTERRUPTED', 'tor has been closed'));
    await this.#supervised;
    const ending = new Cleanup();
    ending.add(() => this.#supervision.kept.run());
    ending.add(() => this.#tor.close());
    for (const publication of this.#publications) ending.add(() => publication.close());
    await ending.run();
  }
}

function reasonOf(end: OnionferryError, { isOurs }: RunningTor): string {
  if (hasCode(end, 'ERR_TOR_BOOTSTRAP')) return 'the network is away';
  return isOurs
    ? 'tor has ended and is being restarted'
    : 'the running tor has gone; waiting for it to come back';
}
