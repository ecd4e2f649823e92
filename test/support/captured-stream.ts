import { Writable } from 'node:stream';

/** A stream that keeps what is written to it, and says that it is a terminal or not. */
export class CapturedStream extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;
  text = '';

  constructor({
    isTTY = false,
    columns = 80,
    rows = 100,
  }: { isTTY?: boolean; columns?: number; rows?: number } = {}) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
    this.rows = rows;
  }

  override _write(chunk: Buffer, _: BufferEncoding, written: () => void): void {
    this.text += chunk.toString('utf8');
    written();
  }

  /** What a person sees at the end: the rows of the terminal, without colours. */
  get shown(): string {
    const rows = [''];
    let [row, column] = [0, 0];
    for (const [piece] of this.text.matchAll(PIECES)) {
      const count = Number(/\d+/.exec(piece)?.[0] ?? 0);
      if (piece === '\n') rows[++row] ??= '';
      if (piece === '\n' || piece === '\r') column = 0;
      else if (/^\u001b\[\d*A$/.test(piece)) row -= count;
      else if (/^\u001b\[\d*G$/.test(piece)) column = count - 1;
      else if (piece === '\u001b[2K') rows[row] = '';
      else if (/^\u001b\[0?[JK]$/.test(piece)) {
        rows[row] = rows[row]?.slice(0, column) ?? '';
        if (piece.endsWith('J')) rows.length = row + 1;
      } else if (!piece.startsWith('\u001b')) {
        const before = (rows[row] ?? '').padEnd(column);
        rows[row] = before.slice(0, column) + piece + before.slice(column + piece.length);
        column += piece.length;
      }
    }
    return rows.map((text) => text.trimEnd()).join('\n');
  }
}

/** Sequences that a terminal obeys, line ends, and what it shows. */
const PIECES = /\u001b(?:\[[\d;?]*[A-Za-z]|[78])|[\r\n]|[^\u001b\r\n]+/g;
