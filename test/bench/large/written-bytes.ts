import { type FileHandle, open, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readExactly } from '../../../src/disk/exact-io.js';
import type { PreparedContent } from '../content.js';

const READ_BYTES = 1024 * 1024;
/** No piece is written in parts of one. */
const BLOCK_BYTES = 4096;

/** How much of a file that is being received into `directory` is there: of random bytes, that shows. */
export async function writtenBytes(directory: string, content: PreparedContent): Promise<number> {
  const [staging] = (await readdir(directory)).filter((name) =>
    /^\.onionferry-.*\.part$/.test(name),
  );
  if (staging === undefined) return 0;
  const sent = await open(content.path);
  const staged = await open(join(directory, staging, basename(content.path))).catch(
    () => undefined,
  );
  try {
    return staged === undefined ? 0 : await equalBytes(sent, staged, content.bytes);
  } finally {
    await sent.close();
    await staged?.close();
  }
}

async function equalBytes(one: FileHandle, other: FileHandle, bytes: number): Promise<number> {
  const [a, b] = [Buffer.alloc(READ_BYTES), Buffer.alloc(READ_BYTES)];
  const { size } = await other.stat();
  let equal = 0;
  for (let at = 0; at < Math.min(bytes, size); at += READ_BYTES) {
    const length = Math.min(READ_BYTES, bytes - at, size - at);
    await readExactly(one, at, a.subarray(0, length));
    await readExactly(other, at, b.subarray(0, length));
    for (let block = 0; block < length; block += BLOCK_BYTES) {
      const end = Math.min(block + BLOCK_BYTES, length);
      if (a.compare(b, block, end, block, end) === 0) equal += end - block;
    }
  }
  return equal;
}
