import { rm } from 'node:fs/promises';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import { bytesText } from '../../base/quantities.js';
import { type Conflict, firstConflict } from '../../disk/commit.js';
import { freeSpace } from '../../disk/free-space.js';
import { askNames } from '../../disk/names/ask-names.js';
import type { AskedNames } from '../../disk/names/local-folder.js';
import { makeFolder } from '../../disk/sync-folder.js';
import { unwritableData } from '../../disk/unwritable.js';
import type { ReceivedFiles } from '../../session/receiving/destination.js';
import { ContentLayout } from '../../stream/content-layout.js';
import { chunkRange } from '../../stream/journal.js';
import { isOpenEnded, type Manifest, totalBytes } from '../../stream/manifest.js';
import { JournalFile } from '../record/journal-file.js';
import { MoveJournal } from '../record/move-journal.js';
import { FolderDestination } from './folder-destination.js';
import { localPathsInTurns, placedAs } from './local-path.js';
import { resumableFailure } from './resumable-failure.js';
import { type Choice, type Selection, selectFrom } from './selection.js';
import { StagedTree } from './staged-tree.js';
import { isUnchanged } from './unchanged.js';
import { removeUnsent } from './unsent-names.js';

/** What a later process needs to resume a transfer of files. */
export interface Resumption {
  /** The journal's file; what it holds counts only with `staging`. The moves are noted beside it. */
  readonly journal: string;
  /** From `deriveJournalKey`. */
  readonly key: Bytes;
  /** The staging folder of an earlier process, to resume with. */
  readonly staging?: string | undefined;
  /** Awaited when everything is under its final name, before the staging folder is removed. */
  readonly onCommitted?: (received: ReceivedFiles) => Promise<void>;
}

/** An offer, and where it is to go. */
export interface OfferedHere {
  /** Absolute. `openDestination` makes it durably if it is not there. */
  readonly directory: string;
  readonly conflict: Conflict;
  readonly manifest: Manifest;
  /** Patterns of what is wanted, as for `selectFrom`; everything unless set. */
  readonly only?: readonly string[] | undefined;
  /** What they choose, if that is known. */
  readonly choice?: Choice | undefined;
  /** Another name for the only file or folder at the top. */
  readonly as?: string | undefined;
}

export interface DestinationOptions extends OfferedHere {
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
 *   ERR_DISK_FULL, ERR_DATA_DIRECTORY
 */
export async function openDestination(options: DestinationOptions): Promise<FolderDestination> {
  const { resume } = options;
  if (resume?.staging === undefined) return await openNew(options);
  try {
    return await reopen(options, resume, resume.staging);
  } catch (error) {
    const missing = totalBytes(options.manifest);
    throw await resumableFailure(error, options.directory, missing);
  }
}

/**
 * Refuses what is known to fail before anything comes: a name that is taken and may not be, or too
 * little room. Writes nothing that stays.
 *
 * @throws OnionferryError as `openDestination`
 */
export async function assertReceivable(options: OfferedHere): Promise<void> {
  const { directory, manifest, conflict, choice } = options;
  // Where every name is taken as it is, and none has to be free, names say nothing more.
  if (choice === undefined || conflict === 'fail' || askNames(directory) !== undefined) {
    await receivable(options);
  } else await assertRoomForNew(directory, totalBytes(manifest) - choice.unwanted.bytes);
}

async function receivable(options: OfferedHere): Promise<Selection & { asked?: AskedNames }> {
  const { directory, manifest, conflict } = options;
  const asked = askNames(directory);
  const selection = await selectHere(options, asked);
  const { entries, unwanted } = selection;
  await assertRoomForNew(directory, totalBytes(manifest) - unwanted.bytes);
  if (conflict === 'fail') {
    const wanted = entries.filter(({ isUnwanted }) => isUnwanted !== true);
    const existing = await firstConflict(directory, wanted);
    if (existing !== undefined) {
      throw new OnionferryError('ERR_CONFLICT', `${existing} exists already; nothing was written`);
    }
  }
  return { ...selection, ...(asked !== undefined && { asked }) };
}

async function openNew(options: DestinationOptions): Promise<FolderDestination> {
  const { directory, resume } = options;
  await makeFolder(directory);
  const { asked, ...selection } = await receivable(options);
  const { entries } = selection;
  // Where names are refused, each is tried now, before any content has come.
  const tree = await StagedTree.make(directory, entries, { withFiles: asked !== undefined });
  try {
    // A journal without its files is worth nothing.
    if (resume !== undefined) await removeNotes(resume.journal, tree.path);
    return await openOn(options, tree, selection);
  } catch (error) {
    await tree.remove();
    throw error;
  }
}

async function reopen(
  options: DestinationOptions,
  resume: Resumption,
  staging: string,
): Promise<FolderDestination> {
  const { directory, manifest, conflict, xattrs } = options;
  const selection = await selectHere(options, askNames(directory));
  const { entries, unwanted } = selection;
  const moves = MoveJournal.beside(resume.journal, staging);
  const noted = await moves.read();
  const tree = await StagedTree.asLeft(directory, staging, entries);
  if (noted !== undefined && (await isUnchanged(tree, directory, noted))) {
    const planned = { ...noted, warnings: [...noted.warnings, ...(await removeUnsent(tree))] };
    const layout = new ContentLayout(manifest);
    const { onCommitted } = resume;
    const resumable = { journal: undefined, believed: NONE, moves, planned, onCommitted };
    return new FolderDestination({
      ...{ directory, conflict, layout, tree, unwanted, xattrs, resumable },
    });
  }
  // Then what has its final name is fetched again, like everything that is not in the folder.
  await moves.remove().catch((cause: unknown) => {
    throw unwritableData(resume.journal, cause);
  });
  const reopened = await StagedTree.reopen(directory, staging, entries);
  const destination = await openOn(options, reopened, selection);
  try {
    await assertRoom(directory, totalBytes(manifest) - destination.written.bytes);
    return destination;
  } catch (error) {
    const missing = totalBytes(manifest) - destination.written.bytes;
    await destination.suspend();
    throw await resumableFailure(error, directory, missing);
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
  const { key, onCommitted } = resume;
  const journal = await JournalFile.open({ path: resume.journal, key, end: layout.end, logger });
  const believed = believable(journal.before, layout, tree);
  const moves = MoveJournal.beside(resume.journal, tree.path);
  const resumable = { journal, believed, moves, planned: undefined, onCommitted };
  return new FolderDestination({ ...options, resumable });
}

async function selectHere(
  { manifest, only, as }: OfferedHere,
  asked?: AskedNames,
): Promise<Selection> {
  const locals = await localPathsInTurns(manifest, process.platform, asked);
  return await selectFrom(manifest, only, as === undefined ? locals : placedAs(locals, as));
}

const NONE: ReadonlyMap<number, Bytes> = new Map();

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

async function removeNotes(journal: string, staging: string): Promise<void> {
  try {
    await rm(journal, { force: true });
    await MoveJournal.beside(journal, staging).remove();
  } catch (cause) {
    throw unwritableData(journal, cause);
  }
}

/** Where nothing has come that is kept, the error says itself what to do. */
async function assertRoomForNew(directory: string, bytes: number): Promise<void> {
  await assertRoom(directory, bytes, (lacking) => {
    return `: free ${bytesText(lacking)} there, or receive into another folder`;
  });
}

async function assertRoom(
  directory: string,
  bytes: number,
  todo: (lacking: number) => string = () => '',
): Promise<void> {
  const free = await freeSpace(directory);
  if (free === undefined || free >= bytes) return;
  const room = `${directory} has room for ${bytesText(free)}, but ${bytesText(bytes)} are to come`;
  throw new OnionferryError('ERR_DISK_FULL', `${room}${todo(bytes - free)}`);
}
