import { createHash, randomFillSync } from 'node:crypto';
import { open } from 'node:fs/promises';

export interface RandomFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Writes a file of random bytes, on disk before it is used. It stays in the system's cache. */
export async function randomFile(
  path: string,
  bytes: number,
  signal: AbortSignal,
): Promise<RandomFile> {
  const hash = createHash('sha256');
  const block = new Uint8Array(1024 * 1024);
  await using handle = await open(path, 'wx', 0o600);
  for (let left = bytes; left > 0; left -= block.length) {
    signal.throwIfAborted();
    const part = randomFillSync(block).subarray(0, Math.min(left, block.length));
    hash.update(part);
    await handle.writeFile(part);
  }
  await handle.sync();
  return { path, bytes, sha256: hash.digest('hex') };
}
