import { hasCode, type OnionferryError, ResumableError } from '../../base/errors.js';
import { bytesText } from '../../base/quantities.js';
import { freeSpace } from '../../disk/free-space.js';

/** What a person is told to free is not measured more exactly. */
const GRAIN_BYTES = 1_000_000;

/**
 * What a failure here means where everything that has arrived is kept.
 *
 * @param missing bytes that are still to be written
 * @returns `error` itself unless it came from the disk or the names on it
 */
export async function resumableFailure(
  error: unknown,
  directory: string,
  missing: number,
): Promise<unknown> {
  if (error instanceof ResumableError) return error;
  if (!hasCode(error, 'ERR_DISK_FULL', 'ERR_DESTINATION', 'ERR_CONFLICT')) return error;
  const todo = await toDo(error, directory, missing);
  return new ResumableError(
    error.code,
    `${error.message}. What has arrived is kept: ${todo}, then run receive again`,
    { cause: error },
  );
}

async function toDo(error: OnionferryError, directory: string, missing: number): Promise<string> {
  if (error.code === 'ERR_DISK_FULL') return await toFree(directory, missing);
  return error.code === 'ERR_CONFLICT' ? 'move that away' : 'mend that';
}

async function toFree(directory: string, missing: number): Promise<string> {
  const free = (await freeSpace(directory)) ?? 0;
  // A quota may leave less than the disk has.
  const bytes = missing > free ? missing - free : missing;
  if (bytes <= 0) return 'free some space';
  return `free ${bytesText(Math.ceil(bytes / GRAIN_BYTES) * GRAIN_BYTES)}`;
}
