import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { ContentLayout } from '../../stream/content-layout.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { Ranges } from '../../stream/ranges.js';
import { TooLarge } from '../stream/abort-reason.js';
import { FileParts } from './file-parts.js';
import { IN_PAGE_MAX_BYTES } from './limits.js';

/**
 * Puts files together from content, in memory. There is one stream at a time, over which a sender
 * sends what is missing from its beginning on.
 */
export class Assembly {
  readonly #layout: ContentLayout;
  readonly #files = new Map<number, FileParts>();
  readonly #isOpenEnded: boolean;
  #total: number | undefined;
  #bytes = 0;

  constructor(manifest: Manifest) {
    this.#layout = new ContentLayout(manifest);
    this.#isOpenEnded = isOpenEnded(manifest);
    if (!this.#isOpenEnded) this.#total = totalBytes(manifest);
    for (const { index } of this.#layout.placements) this.#files.set(index, new FileParts());
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** What need not come again. */
  get had(): Ranges {
    return new Ranges(this.#bytes === 0 ? [] : [[0, this.#bytes]]);
  }

  get isWhole(): boolean {
    return this.#bytes === this.#total;
  }

  /** @throws OnionferryError ERR_PROTOCOL; TooLarge if more comes than was told before */
  take(position: number, content: Bytes): void {
    const end = position + content.length;
    if (position !== this.#bytes || end > (this.#total ?? Number.POSITIVE_INFINITY)) {
      throw new OnionferryError(
        'ERR_PROTOCOL',
        'the sender sent something other than what was to come; try again',
      );
    }
    if (end > IN_PAGE_MAX_BYTES) throw new TooLarge();
    for (const { placement, offset, length } of this.#layout.spans(position, content.length)) {
      const from = placement.start + offset - position;
      this.#files.get(placement.index)?.add(content.subarray(from, from + length));
    }
    this.#bytes = end;
  }

  /** The sender tells how long content of unknown length is. @throws OnionferryError ERR_PROTOCOL */
  end(total: number): void {
    const isNew = this.#isOpenEnded && this.#total === undefined && total >= this.#bytes;
    if (!isNew && this.#total !== total) {
      throw new OnionferryError(
        'ERR_PROTOCOL',
        'the sender changed its mind about the length; try again',
      );
    }
    this.#total = total;
  }

  /** By index in the manifest's entries; asked once, when it is whole. */
  files(): Map<number, Blob> {
    return new Map([...this.#files].map(([index, parts]) => [index, parts.whole()]));
  }
}
