import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import type { PreparedContent } from '../content.js';

/** @throws Error if the file at `path` is not what was sent */
export async function assertSame(path: string, { sha256 }: PreparedContent): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  if (hash.digest('hex') !== sha256) throw new Error(`${path} is not what was sent`);
}
