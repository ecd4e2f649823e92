import { systemCode } from '../../base/system-error.js';
import { writeAttributes } from '../../disk/extended-attributes.js';
import type { Entry } from '../../stream/manifest.js';

/** Gives staged files and folders the extended attributes that were sent, if that is wanted. */
export class KeptAttributes {
  readonly #isWanted: boolean;
  #offered = 0;
  #failed = 0;
  #why: string | undefined;

  constructor(isWanted: boolean) {
    this.#isWanted = isWanted;
  }

  apply(entry: Entry, staged: string): void {
    const xattrs = 'xattrs' in entry ? entry.xattrs : undefined;
    if (xattrs === undefined) return;
    this.#offered++;
    if (!this.#isWanted) return;
    try {
      writeAttributes(staged, xattrs);
    } catch (error) {
      // What they mean is for those who asked for them; the content is whole without them.
      this.#failed++;
      this.#why ??= systemCode(error) ?? String(error);
    }
  }

  /** What was not kept, a sentence each. */
  get warnings(): string[] {
    if (this.#offered > 0 && !this.#isWanted) {
      return ['extended attributes came along and were not kept; --xattrs keeps them'];
    }
    if (this.#failed === 0) return [];
    const entries = this.#failed === 1 ? 'one entry' : `${this.#failed} entries`;
    return [`the extended attributes of ${entries} could not be set (${this.#why ?? ''})`];
  }
}
