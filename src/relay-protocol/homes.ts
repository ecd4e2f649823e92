import type { OnionAddress } from '../onion/address.js';

/** Channels of one client whose backends are remembered; a sender serves fewer at a time. */
const REMEMBERED = 1024;

/** At which backend of a relay a client has found each of its channels. */
export class Homes {
  readonly #homes = new Map<string, OnionAddress>();
  #latest: OnionAddress | undefined;

  /** @returns undefined for the relay's own address, as it was given */
  of(channel: string): OnionAddress | undefined {
    return this.#homes.get(channel);
  }

  /** The last one that was found: where the next stream is likely to go */
  get latest(): OnionAddress | undefined {
    return this.#latest;
  }

  set(channel: string, home: OnionAddress | undefined): void {
    this.#homes.delete(channel);
    if (home === undefined) return;
    this.#latest = home;
    this.#homes.set(channel, home);
    const [oldest] = this.#homes.keys();
    if (this.#homes.size > REMEMBERED && oldest !== undefined) this.#homes.delete(oldest);
  }

  /**
   * Its backend does not answer, or lets nobody in: it begins anew at the relay's own address. Others
   * that were found there stay: what has met there can go on nowhere else.
   */
  forget(channel: string): void {
    if (this.#latest === this.#homes.get(channel)) this.#latest = undefined;
    this.#homes.delete(channel);
  }
}
