import { rm, statfs } from 'node:fs/promises';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import { type Conflict, firstConflict } from '../../disk/commit.js';
import { unwritable } from '../../disk/unwritable.js';
import type { ReceivedFiles } from '../../session/receiving/destination.js';
import { ContentLayout } from '../../stream/content-layout.js';
import { chunkRange } from '../../stream/journal.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { JournalFile } from '../record/journal-file.js';
import { FolderDestination } from './folder-destination.js';
import { localPaths } from './local-path.js';
import { StagedTree } from './staged-tree.js';

/** What a later process needs to resume a transfer of files. */
export interface Resumption {
  /** The journal's file; what it holds counts only with `staging`. */
  readonly journal: string;
  /** From `deriveJournalKey`. */
  readonly key: Bytes;
  /** The staging folder of an earlier process, to resume with. */
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
  readonly logger?: Logger | undefined;
}

/**
 * Prepares a folder for a transfer. Everything is first written into a hidden folder of our own
 * beside its final path, where nobody else's links or files are in the way.
 *
 * @throws OnionferryError ERR_HOSTILE_NAME, ERR_CONFLICT (policy `fail`), ERR_DESTINATION,
 *   ERR_DISK_FULL
 */
export async function openDestination(options: DestinationOptions): Promise<FolderDestination> {
  const { directory, manifest, conflict, resume } = options;
  const entries = localPaths(manifest, process.platform);
  if (resume?.staging !== undefined) {
    return await openOn(options, await StagedTree.reopen(directory, resume.staging, entries));
  }
  await assertRoom(directory, totalBytes(manifest));
  if (conflict === 'fail') {
    const existing = await firstConflict(directory, entries);
    if (existing !== undefined) {
      throw new OnionferryError('ERR_CONFLICT', `${existing} exists already; nothing was written`);
    }
  }
  const tree = await StagedTree.make(directory, entries);
  try {
    return await openOn(options, tree);
  } catch (error) {
    await tree.remove();
    throw error;
  }
}

async function openOn(
  { directory, conflict, manifest, resume, logger = silentLogger }: DestinationOptions,
  tree: StagedTree,
): Promise<FolderDestination> {
  const layout = new ContentLayout(manifest);
  const options = { directory, conflict, layout, tree };
  if (resume === undefined || isOpenEnded(manifest)) {
    return new FolderDestination({ ...options, resumable: undefined });
  }
  // A journal without its files is worth nothing.
  if (resume.staging === undefined) await rm(resume.journal, { force: true });
  const { key, onCommitted } = resume;
  const journal = await JournalFile.open({ path: resume.journal, key, end: layout.end, logger });
  const believed = believable(journal.before, layout, tree.lengths);
  const resumable = { journal, believed, onCommitted };
  const destination = new FolderDestination({ ...options, resumable });
  try {
    await assertRoom(directory, layout.end - destination.written.bytes);
    return destination;
  } catch (error) {
    await destination.suspend();
    throw error;
  }
}

/** Those of a journal's chunks whose files are there and long enough; none of them is read. */
function believable(
  macs: ReadonlyMap<number, Bytes>,
  layout: ContentLayout,
  lengths: ReadonlyMap<number, number>,
): Map<number, Bytes> {
  const isThere = (chunk: number): boolean => {
    const [start, end] = chunkRange(chunk, layout.end);
    return [...layout.spans(start, end - start)].every(
      ({ placement, offset, length }) => (lengths.get(placement.index) ?? -1) >= offset + length,
    );
  };
  return new Map([...macs].filter(([chunk]) => isThere(chunk)));
}

async function assertRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory).catch((cause: unknown) => {
    throw unwritable(directory, cause);
  });
  if (bavail * bsize < bytes) {
    throw new OnionferryError(
      'ERR_DISK_FULL',
      `${directory} has room for ${bavail * bsize} bytes, but ${bytes} are offered`,
    );
  }
}
