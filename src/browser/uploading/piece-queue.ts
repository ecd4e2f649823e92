import type { Range } from '../../stream/ranges.js';
import type { Target } from './inbox-client.js';

/** A range of a file that is sent in one request. */
export interface Piece {
  readonly file: AheadFile;
  readonly start: number;
  readonly end: number;
  /** Ends the requests that carry it, when one of them has arrived */
  readonly arrived: AbortController;
  /** The addresses that it is being sent to */
  readonly targets: Target[];
}

/** A file that is being sent, and what the inbox calls it. */
export interface AheadFile {
  readonly content: File;
  readonly id: string;
}

/** What is still to be sent, of all files. Lanes take pieces as large as suits them. */
export class PieceQueue {
  readonly #waiting: { readonly file: AheadFile; start: number; end: number }[] = [];
  /** Those that lanes are sending, the oldest first */
  readonly #taken = new Set<Piece>();

  add(file: AheadFile, ranges: readonly Range[]): void {
    for (const [start, end] of ranges) this.#waiting.push({ file, start, end });
  }

  /**
   * The next piece; when all are taken, a copy of the oldest: its circuit may be slow, or dead. No
   * piece is sent more than twice at a time, and not twice over one circuit.
   */
  take(target: Target, maxBytes: number): Piece | undefined {
    const next = this.#waiting[0];
    if (next === undefined) {
      for (const piece of this.#taken) {
        if (piece.targets.length >= 2 || piece.targets.includes(target)) continue;
        piece.targets.push(target);
        return piece;
      }
      return undefined;
    }
    const { file, start } = next;
    const end = Math.min(next.end, start + maxBytes);
    if (end === next.end) this.#waiting.shift();
    else next.start = end;
    const piece = { file, start, end, arrived: new AbortController(), targets: [target] };
    this.#taken.add(piece);
    return piece;
  }

  /** @returns whether this is the first request that brought it */
  finish(piece: Piece): boolean {
    if (!this.#taken.delete(piece)) return false;
    piece.arrived.abort(new Error('it has arrived'));
    return true;
  }

  /** It goes to whoever asks next, unless another request still carries it. */
  giveBack(piece: Piece, target: Target): void {
    piece.targets.splice(piece.targets.indexOf(target), 1);
    if (piece.targets.length > 0 || !this.#taken.delete(piece)) return;
    const { file, start, end } = piece;
    this.#waiting.unshift({ file, start, end });
  }
}
