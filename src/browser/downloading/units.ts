import { type Bytes, equalBytes } from '../../base/bytes.js';
import { UNIT_BYTES } from '../../pages/parallel/limits.js';

/**
 * Verified units are handed to the browser together, which then keeps one blob instead of 32 small
 * ones, outside of the page's own memory if it likes.
 */
const UNITS_PER_BLOB = 32;
const DIGEST_BYTES = 32;

/** Units of a download as they arrive, in any order, until they are all there and verified. */
export class Units {
  readonly #count: number;
  /** Here and not in a blob yet; by number */
  readonly #held = new Map<number, Bytes>();
  readonly #verified = new Set<number>();
  readonly #blobs: (Blob | undefined)[] = [];
  #digests: Bytes | undefined;

  constructor(bytes: number) {
    this.#count = Math.ceil(bytes / UNIT_BYTES);
  }

  get isWhole(): boolean {
    return this.#verified.size === this.#count;
  }

  /**
   * Takes the digests, and compares what is here with them.
   *
   * @returns the numbers of units that do not match, which are dropped
   */
  async takeDigests(digests: Bytes): Promise<readonly number[]> {
    if (digests.length !== this.#count * DIGEST_BYTES) return [...this.#held.keys()];
    this.#digests = digests;
    const wrong: number[] = [];
    for (const [unit, content] of [...this.#held]) {
      if (!(await this.#verify(unit, content))) wrong.push(unit);
    }
    return wrong;
  }

  /** @returns whether it matches its digest, as far as that is known; one that does not is dropped */
  async add(unit: number, content: Bytes): Promise<boolean> {
    if (this.#verified.has(unit)) return true;
    this.#held.set(unit, content);
    return this.#digests === undefined || (await this.#verify(unit, content));
  }

  /** All of it; to be asked when it is whole. */
  blob(): Blob {
    // The name tells what it is; a type might make the browser show it instead of keeping it.
    return new Blob(
      this.#blobs.map((blob) => blob ?? new Blob()),
      { type: 'application/octet-stream' },
    );
  }

  async #verify(unit: number, content: Bytes): Promise<boolean> {
    const start = unit * DIGEST_BYTES;
    const digest = this.#digests?.subarray(start, start + DIGEST_BYTES) ?? new Uint8Array();
    const found = new Uint8Array(await crypto.subtle.digest('SHA-256', content));
    if (!equalBytes(found, digest)) {
      this.#held.delete(unit);
      return false;
    }
    this.#verified.add(unit);
    this.#join(Math.floor(unit / UNITS_PER_BLOB));
    return true;
  }

  /** Makes a blob of a group that is complete. */
  #join(group: number): void {
    const from = group * UNITS_PER_BLOB;
    const end = Math.min(from + UNITS_PER_BLOB, this.#count);
    const parts: Bytes[] = [];
    for (let unit = from; unit < end; unit++) {
      const content = this.#held.get(unit);
      if (content === undefined || !this.#verified.has(unit)) return;
      parts.push(content);
    }
    this.#blobs[group] = new Blob(parts);
    for (let unit = from; unit < end; unit++) this.#held.delete(unit);
  }
}
