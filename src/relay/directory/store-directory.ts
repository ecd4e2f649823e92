import { createHmac, randomInt, randomUUID, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import type { Logger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import { onionIn } from '../../relay-protocol/elsewhere.js';
import { Refusal } from '../../relay-protocol/refusal.js';
import type { Directory } from './directory.js';
import { openStore, type Store } from './store.js';
import type { StoreLocation } from './store-location.js';
import { CLAIM, END, ENTER, FIND, HAND_OVER, RECLAIM, RELEASE, RENEW } from './store-scripts.js';

/** Names of a backend that was killed are free after this. */
export const LEASE_MS = 15_000;
/** A renewal may be lost twice before the lease ends. */
const RENEW_EVERY_MS = 5_000;
/** Of a name that nobody gives back: longer than a channel lives. */
const NAME_MS: number = 25 * 60 * 60_000;
/** Channels of all backends: some 250 bytes each in the store. */
export const CHANNELS_IN_ALL = 1_000_000;
/**
 * Names that nobody has, and that were looked for at any backend: as many as one relay answers by
 * itself (`delayedRefusals` each `accessDelayMs`), so that more backends are no more guesses.
 */
export const UNKNOWN_NAMES_PER_SECOND = 128;
/** Names in one step of the store, which serves nobody else meanwhile: about a millisecond. */
const NAMES_AT_ONCE = 500;
/**
 * Names are given back together, this long after the first of them at most: who opens one again
 * meanwhile is led here, and gets it. One step for each would be a third of the store's work.
 */
const RELEASE_WITHIN_MS = 100;
/** The store sees names and a relay as this makes them of the relay's password. */
const SALT = 'onionferry relay store';

const derive = promisify(scrypt) as (
  // The overload that promisify chooses takes other parameters.
  password: string,
  salt: string,
  length: number,
) => Promise<Buffer>;

export interface StoreDirectoryOptions {
  readonly location: StoreLocation;
  /** Of the store, if it asks for one */
  readonly password?: string | undefined;
  /** Of the relay: the same at all its backends, which find each other by it */
  readonly relayPassword: string;
  /** Of this backend: where others send who asks for its channels */
  readonly onion: OnionAddress;
  readonly limits?: { readonly channelsInAll?: number; readonly unknownNamesPerSecond?: number };
  readonly leaseMs?: number | undefined;
  readonly logger: Logger;
  readonly signal?: AbortSignal | undefined;
}

/** @throws OnionferryError ERR_RELAY if the store cannot be used; the signal's reason */
export async function openStoreDirectory(options: StoreDirectoryOptions): Promise<Directory> {
  const derived = await derive(options.relayPassword, SALT, 64);
  const keys = { names: derived.subarray(0, 32), backends: derived.subarray(32) };
  const store = await openStore(options);
  const directory = new StoreDirectory(options, keys, store);
  try {
    await directory.enter();
    return directory;
  } catch (error) {
    await directory[Symbol.asyncDispose]();
    throw error;
  }
}

/** Of the relay's password. One for each use: a client chooses names, and could choose any text. */
interface Keys {
  readonly names: Buffer;
  readonly backends: Buffer;
}

class StoreDirectory implements Directory {
  readonly #options: StoreDirectoryOptions;
  readonly #keys: Keys;
  readonly #store: Store;
  readonly #leaseMs: number;
  /** Of all keys of this relay in the store */
  readonly #prefix: string;
  readonly #held = new Set<string>();
  /** Given back, but the store does not know it yet */
  readonly #released = new Set<string>();
  #releasing: NodeJS.Timeout | undefined;
  #hasLeft = false;
  /** This backend as the store knows it */
  readonly #ownName: string;
  /**
   * Other backends, by how the store knows them: an address is a point of a curve, and takes a
   * millisecond. One entry more for each process that was ever met, none without the relay's password.
   */
  readonly #known = new Map<string, OnionAddress>();
  readonly #listeners: ((name: string) => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  /** By this process' clock, from before the lease was asked for: the store's ends later. */
  #certainUntil = Number.NEGATIVE_INFINITY;
  /** What may have cost names in the store: each renewal until it is done, each new connection. */
  #doubts = 0;
  /** How many of these are settled */
  #settled = 0;
  #channelsInAll = 0;
  #renewing: Promise<void> | undefined;

  constructor(options: StoreDirectoryOptions, keys: Keys, store: Store) {
    const { leaseMs = LEASE_MS } = options;
    this.#options = options;
    this.#keys = keys;
    this.#store = store;
    this.#leaseMs = leaseMs;
    this.#prefix = `onionferry:${digest(keys.names, '').slice(0, 11)}`;
    this.#ownName = this.#nameOf(options.onion, randomUUID());
    const every = Math.min(RENEW_EVERY_MS, leaseMs / 3);
    this.#timer = setInterval(() => this.#renewSoon(), every).unref();
    store.whenReady(() => {
      // It may be another store, or an older state of this one, in which the lease holds.
      this.#doubts++;
      this.#renewSoon();
    });
  }

  get isCertain(): boolean {
    return performance.now() < this.#certainUntil;
  }

  async claim(name: string): Promise<OnionAddress | undefined> {
    const { channelsInAll = CHANNELS_IN_ALL } = this.#options.limits ?? {};
    if (this.#channelsInAll >= channelsInAll) throw new Refusal('relay-full');
    this.#released.delete(name);
    const keys = [this.#nameKey(name)];
    const answer = await this.#ask(CLAIM, keys, [...this.#own, String(NAME_MS)]);
    if (answer === 'no-lease') {
      this.#renewSoon();
      throw new Refusal('no-directory');
    }
    if (answer !== '') return this.#ownerIn(answer);
    this.#held.add(name);
    return undefined;
  }

  async find(
    name: string,
    { isGuessable }: { readonly isGuessable: boolean },
  ): Promise<OnionAddress | undefined> {
    const { unknownNamesPerSecond = UNKNOWN_NAMES_PER_SECOND } = this.#options.limits ?? {};
    const most = isGuessable ? unknownNamesPerSecond : -1;
    const keys = [this.#nameKey(name), `${this.#prefix}:misses`];
    const answer = await this.#ask(FIND, keys, [...this.#own, String(most)]);
    if (answer === 'too-many') throw new Refusal('too-many');
    return answer === '' ? undefined : this.#ownerIn(answer);
  }

  release(name: string): void {
    this.#held.delete(name);
    this.#released.add(name);
    this.#releasing ??= setTimeout(() => this.#giveBack(), RELEASE_WITHIN_MS).unref();
  }

  async leave(): Promise<boolean> {
    this.#hasLeft = true;
    await this.#renewing;
    await this.renew();
    // No channel is called so.
    return (await this.handOver('')) !== undefined;
  }

  async handOver(name: string): Promise<OnionAddress | undefined> {
    this.#held.delete(name);
    this.#released.delete(name);
    const keys = [this.#nameKey(name), ...this.#lists];
    const answer = await this.#ask(HAND_OVER, keys, this.#own);
    const others: unknown[] = Array.isArray(answer) ? answer : [];
    const other = others[randomInt(Math.max(1, others.length))];
    return other === undefined ? undefined : this.#ownerIn(other);
  }

  whenLost(listener: (name: string) => void): void {
    this.#listeners.push(listener);
  }

  /** Takes the place of an earlier process at this address. @throws Refusal no-directory */
  async enter(): Promise<void> {
    await this.#ask(ENTER, this.#lists, [`${this.#prefix}:lease:`, `${this.#options.onion} `]);
    await this.renew();
  }

  /** @throws Refusal no-directory */
  async renew(): Promise<void> {
    const askedAt = performance.now();
    // If its answer is lost, or the reclaim, the next one would find that the lease held.
    const doubts = ++this.#doubts;
    const isDoubtful = doubts - 1 > this.#settled;
    const answer = await this.#ask(RENEW, this.#lists, [
      ...this.#own,
      String(this.#leaseMs),
      String(this.#held.size),
      this.#hasLeft ? '1' : '',
    ]);
    const [held, all] = Array.isArray(answer) ? answer.map(Number) : [];
    this.#channelsInAll = all ?? 0;
    if (held !== 1 || isDoubtful) {
      this.#certainUntil = Number.NEGATIVE_INFINITY;
      await this.#reclaim();
    }
    this.#settled = doubts;
    if (this.#doubts === doubts) this.#certainUntil = askedAt + this.#leaseMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    clearTimeout(this.#releasing);
    await this.#renewing;
    // A lease that stays ends by itself.
    await this.#ask(END, this.#lists, this.#own).catch(() => undefined);
    this.#store.close();
  }

  #renewSoon(): void {
    this.#renewing ??= this.renew()
      .catch((error: unknown) => {
        this.#options.logger.debug(`relay: the lease was not renewed: ${String(error)}`);
      })
      .finally(() => {
        this.#renewing = undefined;
      });
  }

  #giveBack(): void {
    this.#releasing = undefined;
    const names = [...this.#released];
    this.#released.clear();
    for (let from = 0; from < names.length; from += NAMES_AT_ONCE) {
      const keys = names.slice(from, from + NAMES_AT_ONCE).map((name) => this.#nameKey(name));
      this.#ask(RELEASE, keys, [this.#ownName]).catch((error: unknown) => {
        this.#options.logger.debug(`relay: names were not given back: ${String(error)}`);
      });
    }
  }

  /** The lease has ended, or the store has forgotten it: others may have taken names meanwhile. */
  async #reclaim(): Promise<void> {
    const names = [...this.#held];
    for (let from = 0; from < names.length; from += NAMES_AT_ONCE) {
      // Those that were given back since are not to be claimed.
      const some = names.slice(from, from + NAMES_AT_ONCE).filter((n) => this.#held.has(n));
      const keys = some.map((name) => this.#nameKey(name));
      const answer = await this.#ask(RECLAIM, keys, [...this.#own, String(NAME_MS)]);
      for (const place of Array.isArray(answer) ? answer : []) this.#lose(some[Number(place) - 1]);
    }
  }

  #lose(name: string | undefined): void {
    if (name === undefined || !this.#held.delete(name)) return;
    for (const listener of this.#listeners) listener(name);
  }

  async #ask(...call: Parameters<Store['run']>): Promise<unknown> {
    try {
      return await this.#store.run(...call);
    } catch (error) {
      this.#options.logger.debug(`relay: the store does not answer: ${String(error)}`);
      throw new Refusal('no-directory');
    }
  }

  /** What the store says is as foreign as what a peer says. @throws Refusal no-directory */
  #ownerIn(answer: unknown): OnionAddress {
    const text = typeof answer === 'string' ? answer : '';
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const [address, instance = ''] = text.split(' ');
    const owner = onionIn(address);
    if (owner === undefined || text !== this.#nameOf(owner, instance))
      throw new Refusal('no-directory');
    this.#known.set(text, owner);
    return owner;
  }

  /**
   * A backend as the store knows it, which knows each of its processes apart: one that is started
   * again has none of the channels of the one before. With an HMAC, because clients bring the relay's
   * password wherever they are sent: whoever can write to the store, but does not know that, must not
   * be able to send them.
   */
  #nameOf(onion: OnionAddress, instance: string): string {
    const name = `${onion} ${instance}`;
    return `${name} ${digest(this.#keys.backends, name)}`;
  }

  get #own(): string[] {
    return [`${this.#prefix}:lease:`, this.#ownName];
  }

  /** Of all backends, and of those that have left. */
  get #lists(): [string, string] {
    return [`${this.#prefix}:backends`, `${this.#prefix}:left`];
  }

  /** A name may be access words. */
  #nameKey(name: string): string {
    return `${this.#prefix}:name:${digest(this.#keys.names, name)}`;
  }
}

function digest(key: Buffer, text: string): string {
  return createHmac('sha256', key).update(text).digest('base64url').slice(0, 22);
}
