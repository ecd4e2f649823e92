import { linkSync } from 'node:fs';
import { nextTurn, Turns } from '../../disk/small-file.js';
import type { StagedFiles } from '../../disk/staged-files.js';
import { unwritable } from '../../disk/unwritable.js';
import type { LocalEntry } from './local-path.js';

/** What is copied before anything else gets its turn: fast enough, and soon broken off. */
const SLICE_BYTES = 1024 * 1024;

/**
 * Gives staged files their other names, when all of them are written and no symbolic link is in the
 * tree yet. Where the file system has no hard links, or no more for a file, it is copied, as durably
 * as if it had been received twice.
 *
 * @returns which names are copies, by index in `entries`
 * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL; `signal`'s reason
 */
export async function makeHardLinks(
  entries: readonly LocalEntry[],
  files: StagedFiles,
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const copies = new Set<number>();
  const turns = new Turns();
  for (const [index, { entry, isUnwanted }] of entries.entries()) {
    if (entry.type !== 'hardlink' || isUnwanted === true) continue;
    if (turns.count()) await nextTurn();
    signal.throwIfAborted();
    if (isLinked(files.pathOf(entry.file), files.pathOf(index))) continue;
    await copy(files, entry.file, index, signal);
    copies.add(index);
  }
  return copies;
}

function isLinked(file: string, name: string): boolean {
  try {
    linkSync(file, name);
    return true;
  } catch {
    // What is really wrong shows when it is copied.
    return false;
  }
}

async function copy(
  files: StagedFiles,
  from: number,
  to: number,
  signal: AbortSignal,
): Promise<void> {
  try {
    const source = await files.openForReading(from);
    try {
      const slice = Buffer.alloc(SLICE_BYTES);
      let read: number;
      let at = 0;
      do {
        signal.throwIfAborted();
        ({ bytesRead: read } = await source.read(slice, 0, slice.length, at));
        await files.write(to, at, slice.subarray(0, read));
        at += read;
      } while (read > 0);
    } finally {
      await source.close();
    }
  } catch (cause) {
    signal.throwIfAborted();
    throw unwritable(files.pathOf(from), cause);
  }
  await files.close(to);
  await files.sync(to);
}
