import { sleep } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import type { Publication, ServiceOptions } from '../service/publish.js';

/** Between two attempts to publish again: the network may be away. */
const PAUSE_MS = 2_000;

/** One run of a tor. */
export interface ServiceHost {
  readonly hasEnded: boolean;
  publish(service: ServiceOptions): Promise<Publication>;
}

/** A service that is published again on each tor that replaces the one before. */
export class SupervisedPublication implements Publication {
  readonly onion: OnionAddress;
  readonly #service: ServiceOptions;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  #current: Publication | undefined;
  #renewal: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(service: ServiceOptions, logger: Logger) {
    this.onion = service.identity.address;
    this.#service = service;
    this.#logger = logger;
  }

  /** Publishes for the first time. @throws what publishing throws */
  async open(host: ServiceHost): Promise<void> {
    this.#current = await host.publish(this.#service);
  }

  /** Publishes again on `host`, until that ends, `signal` aborts or the publication is closed. */
  renew(host: ServiceHost, signal: AbortSignal): Promise<void> {
    this.#renewal = this.#renewal.then(() => this.#renew(host, signal));
    return this.#renewal;
  }

  close(): Promise<void> {
    return (this.#closed ??= this.#close());
  }

  async #renew(host: ServiceHost, ending: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([ending, this.#closing.signal]);
    // Its tor has ended; only its key remains to be removed.
    await this.#current
      ?.close()
      .catch((error: unknown) => this.#logger.debug(`removing ${this.onion}: ${String(error)}`));
    this.#current = undefined;
    this.#service.onNewTor?.();
    // Those two belong to the first attempt.
    const again = { ...this.#service, onUploaded: undefined, deadlineMs: undefined, signal };
    const goesOn = (): boolean => !signal.aborted && !host.hasEnded;
    while (goesOn()) {
      try {
        this.#current = await host.publish(again);
        return;
      } catch (error) {
        this.#logger.debug(`publishing ${this.onion} again: ${String(error)}`);
      }
      // An abort ends the loop.
      if (goesOn()) await sleep(PAUSE_MS, signal).catch(() => undefined);
    }
  }

  async #close(): Promise<void> {
    this.#closing.abort(new OnionferryError('ERR_INTERRUPTED', 'the service is closed'));
    await this.#renewal;
    await this.#current?.close();
  }
}
