import type { OnionAddress } from '../../onion/address.js';
import type { Directory } from './directory.js';

/** The names of several backends in one process, each with the address of the one that has it. */
export type SharedNames = Map<string, OnionAddress>;

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
  }

  get isCertain(): boolean {
    return true;
  }

  claim(name: string): Promise<OnionAddress | undefined> {
    const owner = this.#otherOwnerOf(name);
    if (owner === undefined) this.#among?.names.set(name, this.#among.onion);
    return Promise.resolve(owner);
  }

  find(name: string): Promise<OnionAddress | undefined> {
    return Promise.resolve(this.#otherOwnerOf(name));
  }

  release(name: string): void {
    if (this.#otherOwnerOf(name) === undefined) this.#among?.names.delete(name);
  }

  whenLost(): void {
    // In one process nobody takes a name that was not given back.
  }

  [Symbol.asyncDispose](): Promise<void> {
    for (const name of this.#among?.names.keys() ?? []) this.release(name);
    return Promise.resolve();
  }

  #otherOwnerOf(name: string): OnionAddress | undefined {
    const owner = this.#among?.names.get(name);
    return owner === this.#among?.onion ? undefined : owner;
  }
}
