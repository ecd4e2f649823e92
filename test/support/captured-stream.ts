import { Writable } from 'node:stream';

/** A stream that keeps what is written to it, and says that it is a terminal or not. */
export class CapturedStream extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';

  constructor({ isTTY = false, columns = 80 }: { isTTY?: boolean; columns?: number } = {}) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: Buffer, _: BufferEncoding, written: () => void): void {
    this.text += chunk.toString('utf8');
    written();
  }

  /** What a person sees at the end: the last state of each line, without colours. */
  get shown(): string {
    return this.text
      .split('\n')
      .map((line) => line.replaceAll(/\u001b(?:\[[\d;?]*[A-Za-z]|[78])/g, '\r'))
      .map((line) => line.slice(line.trimEnd().lastIndexOf('\r') + 1).trimEnd())
      .join('\n');
  }
}
