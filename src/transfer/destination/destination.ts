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
import { type Selection, selectFrom } from './selection.js';
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
  /** Patterns of what is wanted, as for `selectFrom`; everything unless set. */
  readonly only?: readonly string[] | undefined;
  /** Whether extended attributes that came along are set. */
  readonly xattrs?: boolean | undefined;
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
  const selection = selectFrom(manifest, options.only);
  const { entries } = selection;
  if (resume?.staging !== undefined) {
    const tree = await StagedTree.reopen(directory, resume.staging, entries);
    return await openOn(options, tree, selection);
  }
  await assertRoom(directory, totalBytes(manifest) - selection.unwanted.bytes);
  if (conflict === 'fail') {
    const wanted = entries.filter(({ isUnwanted }) => isUnwanted !== true);
    const existing = await firstConflict(directory, wanted);
    if (existing !== undefined) {
      throw new OnionferryError('ERR_CONFLICT', `${existing} exists already; nothing was written`);
    }
  }
  const tree = await StagedTree.make(directory, entries);
  try {
    return await openOn(options, tree, selection);
  } catch (error) {
    await tree.remove();
    throw error;
  }
}

async function openOn(
  { directory, conflict, manifest, xattrs, resume, logger = silentLogger }: DestinationOptions,
  tree: StagedTree,
  { unwanted }: Selection,
): Promise<FolderDestination> {
  const layout = new ContentLayout(manifest);
  const options = { directory, conflict, layout, tree, unwanted, xattrs };
  if (resume === undefined || isOpenEnded(manifest)) {
    return new FolderDestination({ ...options, resumable: undefined });
  }
  // A journal without its files is worth nothing.
  if (resume.staging === undefined) await rm(resume.journal, { force: true });
  const { key, onCommitted } = resume;
  const journal = await JournalFile.open({ path: resume.journal, key, end: layout.end, logger });
  const believed = believable(journal.before, layout, tree);
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
  { entries, lengths }: StagedTree,
): Map<number, Bytes> {
  const isThere = (chunk: number): boolean => {
    const [start, end] = chunkRange(chunk, layout.end);
    return [...layout.spans(start, end - start)].every(
      ({ placement: { index }, offset, length }) =>
        entries[index]?.isUnwanted === true || (lengths.get(index) ?? -1) >= offset + length,
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
