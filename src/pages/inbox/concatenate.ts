import { createReadStream } from 'node:fs';
import type { Bytes } from '../../base/bytes.js';
import type { UnfinishedUpload } from './unfinished-upload.js';
import type { UnfinishedUploads } from './unfinished-uploads.js';

const READ_BYTES = 1024 * 1024;

/**
 * Puts the others behind the first, each removed as soon as it is copied: the disk holds at most one
 * of them twice, and the quota has room for that.
 *
 * @throws UploadRefusal inbox-full, disk-full; OnionferryError ERR_DESTINATION
 */
export async function concatenate(
  parts: readonly [UnfinishedUpload, ...UnfinishedUpload[]],
  unfinished: UnfinishedUploads,
  metadata: string,
): Promise<UnfinishedUpload> {
  const [first, ...others] = parts;
  first.become(
    parts.reduce((sum, { length }) => sum + length, 0),
    metadata,
  );
  for (const part of others) {
    const reading = createReadStream(part.path, { highWaterMark: READ_BYTES });
    // Of a file, which is never in shared memory.
    const content = reading as AsyncIterable<Bytes>;
    const at = first.offset;
    const stop = (): void => void reading.destroy();
    await first.write({ at, content, stop, upTo: at + part.length });
    await unfinished.remove(part.id);
  }
  return first;
}
