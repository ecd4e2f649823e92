/** One slice: short beside what a person or a keepalive notices. */
const SLICE_MS = 25;

/** What is written before others may have their turn */
const PIECE_CHARACTERS: number = 64 * 1024;

/** Cuts long work that waits for nothing into slices, between which everything else has its turn. */
export class Slices {
  #until = performance.now() + SLICE_MS;

  /** Whether it is time to await `next()`. */
  get isOver(): boolean {
    return performance.now() >= this.#until;
  }

  async next(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#until = performance.now() + SLICE_MS;
  }
}

/**
 * Text that is made of many parts, in turns with everything else.
 *
 * @yields pieces of about 64 KiB, or of a single longer part
 */
export async function* inPieces(
  parts: Iterable<string>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const slices = new Slices();
  const encoder = new TextEncoder();
  let text = '';
  for (const part of parts) {
    text += part;
    if (text.length < PIECE_CHARACTERS) continue;
    yield encoder.encode(text);
    text = '';
    if (slices.isOver) await slices.next();
  }
  if (text !== '') yield encoder.encode(text);
}

/** The members of a JSON array, in turns with everything else. */
export function* jsonArray<Value>(
  values: Iterable<Value>,
  member: (value: Value) => unknown = (value) => value,
): Generator<string, void, undefined> {
  let before = '[';
  for (const value of values) {
    yield before + JSON.stringify(member(value));
    before = ',';
  }
  yield before === '[' ? '[]' : ']';
}
