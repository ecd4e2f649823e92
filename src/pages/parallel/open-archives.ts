import type { Opened, Represented } from '../listing/represented.js';

/** Archives remembered: some 300 bytes for each file in them. */
const REMEMBERED = 4;

/**
 * Remembers the plans of archives of which parts are fetched: to plan one means to look at each file
 * in it, too much to do for each part. Each file is still compared with the plan when it is read.
 */
export class OpenArchives {
  readonly #open: (what: Represented) => Promise<Opened | undefined>;
  /** By entity tag, the one asked for longest ago first */
  readonly #known = new Map<string, Opened>();

  constructor(open: (what: Represented) => Promise<Opened | undefined>) {
    this.#open = open;
  }

  /** @param etag of the version that is wanted; another one may come */
  async open(what: Represented, etag: string): Promise<Opened | undefined> {
    if (!what.isArchive) return await this.#open(what);
    const opened = this.#known.get(etag) ?? (await this.#open(what));
    if (opened?.representation.etag !== etag) return opened;
    this.#known.delete(etag);
    this.#known.set(etag, opened);
    const [oldest] = this.#known.keys();
    if (this.#known.size > REMEMBERED && oldest !== undefined) this.#known.delete(oldest);
    // An archive holds nothing open between reads.
    return { representation: opened.representation, [Symbol.dispose]: () => undefined };
  }

  /** Some of it has changed, perhaps. */
  forget(etag: string): void {
    this.#known.delete(etag);
  }
}
