import { rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { type Conflict, firstConflict } from '../../disk/commit.js';
import { unwritable } from '../../disk/unwritable.js';
import type { ReceivedFiles } from '../../session/receiving/destination.js';
import { ContentLayout } from '../../stream/content-layout.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { JournalFile } from '../record/journal-file.js';
import { FolderDestination } from './folder-destination.js';
import { type LocalEntry, localPaths } from './local-path.js';
import { believable, makeStaging, prepareTree, reopenStaging, type Staging } from './staging.js';

/** What a later process needs to go on with a transfer of files. */
export interface Resumption {
  /** The journal's file; what it holds counts only with `staging`. */
  readonly journal: string;
  /** From `deriveJournalKey`. */
  readonly key: Bytes;
  /** The staging folder of an earlier process, to go on with. */
  readonly staging?: string | undefined;
  /** Awaited when everything is under its final name, before the staging folder is removed. */
  readonly onCommitted?: (received: ReceivedFiles) => Promise<void>;
}

export interface DestinationOptions {
  readonly directory: string;
  readonly conflict: Conflict;
  readonly manifest: Manifest;
  /** Of no use for content of unknown size, which can be sent only once. */
  readonly resume?: Resumption | undefined;
}

/**
 * Prepares a folder for a transfer. Everything is first written into a hidden folder of our own
 * beside its final path, where nobody else's links or files are in the way.
 *
 * @throws OnionferryError ERR_HOSTILE_NAME, ERR_CONFLICT (policy `fail`), ERR_DESTINATION
 */
export async function openDestination(options: DestinationOptions): Promise<FolderDestination> {
  const { directory, manifest, conflict, resume } = options;
  const entries = localPaths(manifest, process.platform);
  if (resume?.staging !== undefined) {
    return await prepared(options, entries, await reopenStaging(directory, resume.staging));
  }
  await assertRoom(directory, totalBytes(manifest));
  if (conflict === 'fail') {
    const existing = await firstConflict(directory, entries);
    if (existing !== undefined) {
      throw new OnionferryError('ERR_CONFLICT', `${existing} exists already; nothing was written`);
    }
  }
  const staging = await makeStaging(directory);
  try {
    return await prepared(options, entries, staging);
  } catch (error) {
    await rm(staging.path, { recursive: true, force: true });
    throw error;
  }
}

async function prepared(
  options: DestinationOptions,
  entries: readonly LocalEntry[],
  staging: Staging,
): Promise<FolderDestination> {
  const { directory, conflict, manifest, resume } = options;
  const layout = new ContentLayout(manifest);
  const pathOf = (names: readonly string[]): string => path.join(staging.path, ...names);
  const lengths = await prepareTree(staging, entries, pathOf);
  const common = { directory, conflict, layout, entries, staging, made: lengths.keys() };
  if (resume === undefined || isOpenEnded(manifest)) {
    return new FolderDestination({ ...common, resumable: undefined });
  }
  // A journal without its files is worth nothing.
  if (resume.staging === undefined) await rm(resume.journal, { force: true });
  const { journal, macs } = await JournalFile.open(resume.journal, layout.end);
  const { key, onCommitted } = resume;
  const believed = believable(macs, layout, lengths);
  const destination = new FolderDestination({
    ...common,
    resumable: { journal, key, believed, onCommitted },
  });
  try {
    await assertRoom(directory, layout.end - destination.written.bytes);
    return destination;
  } catch (error) {
    await destination.suspend();
    throw error;
  }
}

async function assertRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory).catch((cause: unknown) => {
    throw unwritable(directory, cause);
  });
  if (bavail * bsize < bytes) {
    throw new OnionferryError(
      'ERR_DESTINATION',
      `${directory} has room for ${bavail * bsize} bytes, but ${bytes} are offered`,
      { cause: Object.assign(new Error('not enough room'), { code: 'ENOSPC' }) },
    );
  }
}
