import type { OnionAddress } from '../../onion/address.js';

/**
 * Which backend of a relay has which channel. A backend is one process with an onion address of its
 * own; a relay has one or many. README.md says how they share this.
 *
 * Refusals are those of the protocol: `no-directory` while the store cannot be asked.
 */
export interface Directory extends AsyncDisposable {
  /**
   * Takes a name for this backend, unless another one that runs has it. To repeat it changes nothing.
   *
   * @returns the address of that other one
   * @throws Refusal no-directory; relay-full if all backends together have as many as they may
   */
  claim(name: string): Promise<OnionAddress | undefined>;
  /**
   * @returns the address of another backend that has this name
   * @throws Refusal no-directory; too-many if names that nobody has are looked for too often, over
   *   all backends. Those that cannot be guessed are not counted.
   */
  find(name: string, lookup: { readonly isGuessable: boolean }): Promise<OnionAddress | undefined>;
  /**
   * Gives a name back soon, if it is this backend's and is not claimed again. Never throws: what is
   * not given back expires.
   */
  release(name: string): void;
  /**
   * From now on no other backend sends anybody here who begins.
   *
   * @returns whether there is another backend, which has not left
   * @throws Refusal no-directory
   */
  leave(): Promise<boolean>;
  /**
   * Gives a name back at once, if it is this backend's.
   *
   * @returns the address of another backend, which has not left, and where it may be claimed;
   *   undefined if there is none
   * @throws Refusal no-directory
   */
  handOver(name: string): Promise<OnionAddress | undefined>;
  /**
   * Whether what this backend has claimed is its own for certain. If not, another one may have taken
   * it, and nobody new is let into a channel.
   */
  readonly isCertain: boolean;
  /** The listener is told of each name that another backend has taken meanwhile. */
  whenLost(listener: (name: string) => void): void;
}
