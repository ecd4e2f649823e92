import type { OnionAddress } from '../onion/address.js';
import type { ParticipantId } from './wire.js';

/**
 * Channels of one client whose backends are remembered, and participants: those that were asked about
 * last. A sender serves fewer at a time.
 */
const REMEMBERED = 1024;

/** Whom a client asks about. */
export interface Place {
  readonly channel: string;
  readonly uuid: ParticipantId;
}

/** At which backend of a relay a client has found each of its channels. */
export class Homes {
  readonly #homes = new Map<string, OnionAddress>();
  /** A channel may move to another backend; who met in it before stays where they have met. */
  readonly #met = new Map<ParticipantId, OnionAddress | undefined>();
  #latest: OnionAddress | undefined;

  /** @returns undefined for the relay's own address, as it was given */
  of(channel: string, uuid?: ParticipantId): OnionAddress | undefined {
    if (uuid !== undefined && this.#met.has(uuid)) return recalled(this.#met, uuid);
    return recalled(this.#homes, channel);
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
    forgetOldest(this.#homes);
  }

  /** The participant has met another where its channel is now. */
  meet({ channel, uuid }: Place): void {
    if (this.#met.has(uuid)) return;
    this.#met.set(uuid, this.#homes.get(channel));
    forgetOldest(this.#met);
  }

  /** The participant has left for good. */
  part(uuid: ParticipantId): void {
    this.#met.delete(uuid);
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

/** What is asked about is the last to be forgotten. */
function recalled<Key>(
  remembered: Map<Key, OnionAddress | undefined>,
  key: Key,
): OnionAddress | undefined {
  if (!remembered.has(key)) return undefined;
  const home = remembered.get(key);
  remembered.delete(key);
  remembered.set(key, home);
  return home;
}

function forgetOldest(remembered: Map<string, unknown>): void {
  const [oldest] = remembered.keys();
  if (remembered.size > REMEMBERED && oldest !== undefined) remembered.delete(oldest);
}
