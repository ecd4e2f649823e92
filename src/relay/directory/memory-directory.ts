import type { OnionAddress } from '../../onion/address.js';
import type { Directory } from './directory.js';

/** What several backends in one process share. */
export class SharedNames {
  /** Each with the address of the backend that has it */
  readonly owners: Map<string, OnionAddress> = new Map();
  /** Backends that take those who begin */
  readonly open: Set<OnionAddress> = new Set();
}

/** A backend among others in its process. */
export interface AmongOthers {
  readonly onion: OnionAddress;
  readonly names: SharedNames;
}

/** For backends of one process; without others, for the one that there is. */
export class MemoryDirectory implements Directory {
  readonly #among: AmongOthers | undefined;

  constructor(among?: AmongOthers) {
    this.#among = among;
    among?.names.open.add(among.onion);
  }

  get isCertain(): boolean {
    return true;
  }

  claim(name: string): Promise<OnionAddress | undefined> {
    const owner = this.#otherOwnerOf(name);
    if (owner === undefined) this.#among?.names.owners.set(name, this.#among.onion);
    return Promise.resolve(owner);
  }

  find(name: string): Promise<OnionAddress | undefined> {
    return Promise.resolve(this.#otherOwnerOf(name));
  }

  release(name: string): void {
    if (this.#otherOwnerOf(name) === undefined) this.#among?.names.owners.delete(name);
  }

  leave(): Promise<boolean> {
    this.#among?.names.open.delete(this.#among.onion);
    return Promise.resolve(this.#another() !== undefined);
  }

  handOver(name: string): Promise<OnionAddress | undefined> {
    this.release(name);
    return Promise.resolve(this.#another());
  }

  whenLost(): void {
    // In one process nobody takes a name that was not given back.
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#among?.names.owners.keys() ?? []) this.release(name);
    this.#among?.names.open.delete(this.#among.onion);
    return Promise.resolve();
  }

  #another(): OnionAddress | undefined {
    const others = [...(this.#among?.names.open ?? [])];
    return others.find((onion) => onion !== this.#among?.onion);
  }

  #otherOwnerOf(name: string): OnionAddress | undefined {
    const owner = this.#among?.names.owners.get(name);
    return owner === this.#among?.onion ? undefined : owner;
  }
}
