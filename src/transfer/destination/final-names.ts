import { Slices } from '../../base/slices.js';
import type { Commit, Move } from '../../disk/commit.js';
import { syncFolder } from '../../disk/sync-folder.js';
import type { ReceivedFile, ReceivedFiles } from '../../session/receiving/destination.js';
import type { ContentLayout } from '../../stream/content-layout.js';
import type { MoveJournal, PlannedMoves } from '../record/move-journal.js';
import type { StagedTree } from './staged-tree.js';

/** Where moves are noted for a later process, and what an earlier one noted. */
interface Noted {
  readonly moves: MoveJournal;
  readonly planned: PlannedMoves | undefined;
}

/** Plans a move for everything at the top that is wanted and was not left out. */
export async function planMoves(commit: Commit, { entries }: StagedTree): Promise<Move[]> {
  // A link may lead where none may, and what is not wanted was never made.
  const needed = new Set(
    entries
      .filter(({ entry, isUnwanted }) => entry.type !== 'link' && isUnwanted !== true)
      .map(({ path: [top = ''] }) => top),
  );
  const names = entries.map(({ path: [top = ''] }) => top);
  return await commit.plan(names, (name) => !needed.has(name));
}

/**
 * Moves what is staged to its final names, durably. If that fails without a record, what was moved
 * is moved back; otherwise a later process goes on.
 *
 * @throws OnionferryError ERR_CONFLICT, ERR_DESTINATION, ERR_DISK_FULL
 */
export async function giveFinalNames(
  commit: Commit,
  { moves }: PlannedMoves,
  resumable: Noted | undefined,
): Promise<void> {
  try {
    await commit.carryOut(moves, {
      isResumed: resumable?.planned !== undefined,
      onChange: async (changed) => await resumable?.moves.append(changed),
      onDone: async (done) => await resumable?.moves.noteDone(done),
    });
    for (const folder of commit.folders) await syncFolder(folder);
  } catch (error) {
    if (resumable === undefined) await commit.undo();
    throw error;
  }
}

export interface CommittedTree {
  readonly layout: ContentLayout;
  readonly tree: StagedTree;
  /** SHA-256 by index of the file. */
  readonly hashes: ReadonlyMap<number, string>;
  /** Knows the final paths. */
  readonly commit: Commit;
  /** Bytes of content. */
  readonly total: number;
  readonly warnings: readonly string[];
}

/** What is under its final name, other names of a file included, and what was left as it was. */
export async function receivedFiles(committed: CommittedTree): Promise<ReceivedFiles> {
  const { layout, tree, hashes, commit, total } = committed;
  const warnings = [...committed.warnings];
  const files: ReceivedFile[] = [];
  const slices = new Slices();
  const note = (index: number, bytes: number, content: number): void => {
    const { path: staged = [], isUnwanted } = tree.entries[index] ?? {};
    if (isUnwanted === true) return;
    const path = commit.finalPath(staged);
    if (path === undefined)
      warnings.push(`${staged.join('/')} exists already and was left as it is`);
    else files.push({ path, bytes, sha256: hashes.get(content) ?? '' });
  };
  for (const { index, entry, start } of layout.placements) {
    note(index, entry.size ?? total - start, index);
    if (slices.isOver) await slices.next();
  }
  for (const [index, { entry }] of tree.entries.entries()) {
    if (slices.isOver) await slices.next();
    if (entry.type !== 'hardlink') continue;
    const file = tree.entries[entry.file]?.entry;
    note(index, file?.type === 'file' ? (file.size ?? 0) : 0, entry.file);
  }
  return { files, warnings };
}
