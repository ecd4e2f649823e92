/** Joins small parts up to `length` bytes, so that not each of them is written by itself. */
export async function* inPieces(
  parts: AsyncIterable<Buffer>,
  length: number,
): AsyncGenerator<Uint8Array> {
  let small: Buffer[] = [];
  let held = 0;
  for await (const part of parts) {
    if (held > 0 && held + part.length > length) {
      yield Buffer.concat(small, held);
      small = [];
      held = 0;
    }
    if (part.length >= length) {
      yield part;
    } else if (part.length > 0) {
      small.push(part);
      held += part.length;
    }
  }
  if (held > 0) yield Buffer.concat(small, held);
}
