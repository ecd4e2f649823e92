import { randomBytes } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync, rmSync, type Stats } from 'node:fs';
import { chmod, lstat, mkdir, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { nextTurn, Turns } from '../../disk/small-file.js';
import { unwritable } from '../../disk/unwritable.js';
import type { ContentLayout } from '../../stream/content-layout.js';
import { chunkRange } from '../../stream/journal.js';
import type { LocalEntry } from './local-path.js';

/** The hidden folder that a transfer is written into, beside its final place. */
export interface Staging {
  readonly path: string;
  /** Permissions that this user gives to nobody, as the file system has just shown them. */
  readonly umask: number;
  readonly isNew: boolean;
}

const NAME = /^\.onionferry-[0-9a-f]{12}\.part$/;

/** @throws OnionferryError ERR_DESTINATION */
export async function makeStaging(directory: string): Promise<Staging> {
  const staging = path.join(directory, `.onionferry-${randomBytes(6).toString('hex')}.part`);
  try {
    await mkdir(staging, { mode: 0o777 });
    const { mode } = await stat(staging);
    await chmod(staging, 0o700);
    return { path: staging, umask: 0o777 & ~mode, isNew: true };
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

/**
 * Takes up the staging folder of an earlier process.
 *
 * @throws OnionferryError ERR_DESTINATION if it is gone, or not a folder of ours in `directory`
 */
export async function reopenStaging(directory: string, staging: string): Promise<Staging> {
  const found = await lstat(staging).catch(() => undefined);
  const isOurs =
    path.dirname(path.resolve(staging)) === path.resolve(directory) &&
    NAME.test(path.basename(staging)) &&
    found?.isDirectory() === true &&
    (process.getuid === undefined || found.uid === process.getuid());
  if (!isOurs) {
    throw new OnionferryError(
      'ERR_DESTINATION',
      `what was received into ${staging} is not there any more; receive it anew`,
    );
  }
  await chmod(staging, 0o700);
  // A name that nothing can stand under: neither another's folder nor that of a process killed here.
  const probe = path.join(directory, `.onionferry-${randomBytes(6).toString('hex')}.mode`);
  try {
    await mkdir(probe, { mode: 0o777 });
    const { mode } = await stat(probe);
    await rmdir(probe);
    return { path: staging, umask: 0o777 & ~mode, isNew: false };
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

/**
 * Makes the folders of a staged tree, and removes from one of an earlier process whatever is not a
 * folder or file that belongs there, such as links, which come last.
 *
 * @returns the length of each file that is there, by index in `entries`
 * @throws OnionferryError ERR_DESTINATION
 */
export async function prepareTree(
  { isNew }: Staging,
  entries: readonly LocalEntry[],
  pathOf: (names: readonly string[]) => string,
): Promise<Map<number, number>> {
  const lengths = new Map<number, number>();
  const turns = new Turns();
  // Folders stand before what they hold, so that no path leads through anything unchecked.
  for (const [index, { entry, path: names }] of entries.entries()) {
    if (isNew && entry.type !== 'folder') continue;
    const staged = pathOf(names);
    try {
      const found = lstatSync(staged, { throwIfNoEntry: false });
      if (found !== undefined && !fits(entry, found)) rmSync(staged, { recursive: true });
      else if (found !== undefined) {
        // An earlier process may have got as far as setting the final permissions.
        const mode = entry.type === 'folder' ? 0o700 : 0o600;
        if ((found.mode & 0o777) !== mode) chmodSync(staged, mode);
        if (entry.type === 'file') lengths.set(index, found.size);
        continue;
      }
      if (entry.type === 'folder') mkdirSync(staged, { mode: 0o700 });
    } catch (cause) {
      throw unwritable(staged, cause);
    }
    if (turns.count()) await nextTurn();
  }
  return lengths;
}

function fits(entry: LocalEntry['entry'], found: Stats): boolean {
  if (entry.type === 'folder') return found.isDirectory();
  // A process killed while it gave files their names has left some with both: those are not ours.
  return (
    entry.type === 'file' && found.isFile() && found.nlink <= 1 && found.size <= (entry.size ?? 0)
  );
}

/** Those of a journal's chunks whose files are there and long enough; none of them is read. */
export function believable<T>(
  macs: ReadonlyMap<number, T>,
  layout: ContentLayout,
  lengths: ReadonlyMap<number, number>,
): Map<number, T> {
  const believed = new Map<number, T>();
  for (const [chunk, mac] of macs) {
    const [start, end] = chunkRange(chunk, layout.end);
    let isThere = true;
    for (const { placement, offset, length } of layout.spans(start, end - start)) {
      isThere &&= (lengths.get(placement.index) ?? -1) >= offset + length;
    }
    if (isThere) believed.set(chunk, mac);
  }
  return believed;
}
