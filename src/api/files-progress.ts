import { ContentLayout, type Placement } from '../stream/content-layout.js';
import type { Manifest } from '../stream/manifest.js';
import type { HeldRanges } from '../stream/ranges.js';

/** Of more files nobody wants to hear one by one. */
const FILES_TOLD_MAX = 100;

/** What `ProgressEvent` says of it. */
export interface FileOnItsWay {
  readonly file: string;
  readonly fileNumber: number;
  readonly files: number;
}

/** Says of a transfer's content which file it belongs to, and which files are whole. */
export class FilesProgress {
  readonly #layout: ContentLayout;
  /** Of which it was not told yet that they are whole. */
  #missing: readonly Placement[];
  /** A text has no name of its own. */
  readonly #isNamed: boolean;

  /** @param has what the recipient had before: nothing is told of it */
  constructor(manifest: Manifest, has: HeldRanges) {
    this.#layout = new ContentLayout(manifest);
    const { placements } = this.#layout;
    this.#isNamed = manifest.kind === 'files';
    const isTold = this.#isNamed && placements.length <= FILES_TOLD_MAX;
    // What is empty is whole before anything comes, and what is sent as a stream only at the end.
    const toCome = placements.filter(
      ({ start, end }) => Number.isFinite(end) && !has.has(start, end),
    );
    this.#missing = isTold ? toCome : [];
  }

  /** The file at a position of the content; undefined if it is none of the user's. */
  at(position: number): FileOnItsWay | undefined {
    const { placements } = this.#layout;
    const [span] = this.#layout.spans(position, 1);
    if (span === undefined || !this.#isNamed) return undefined;
    const { entry } = span.placement;
    const fileNumber = placements.indexOf(span.placement) + 1;
    return { file: entry.path.join('/'), fileNumber, files: placements.length };
  }

  /** Files that have become whole since the last call. */
  arrived(has: HeldRanges): readonly { readonly path: string; readonly bytes: number }[] {
    const whole = this.#missing.filter(({ start, end }) => has.has(start, end));
    this.#missing = this.#missing.filter((placement) => !whole.includes(placement));
    return whole.map(({ entry, start, end }) => ({
      path: entry.path.join('/'),
      bytes: end - start,
    }));
  }
}
