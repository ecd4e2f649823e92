import { nextTurn } from '../../disk/small-file.js';
import type { Folder } from '../../disk/tree/folder.js';
import { sortInTurns } from './sort-in-turns.js';
import type { View } from './view.js';

/** In one turn of the event loop, a millisecond or two */
const A_TURN = 512;

/** Numbers sorted in one turn: as long. */
const SORTED_A_TURN = 16_384;

/** What is sorted by, of each of the names. */
export interface Glances {
  /** In bytes; of a folder it says nothing */
  readonly sizes: Float64Array;
  readonly modifiedMs: Float64Array;
  /** Indices of the names of folders, and of files; what is neither is in none of them */
  readonly folders: readonly number[];
  readonly files: readonly number[];
}

/** Folders first; equal ones in natural order, whatever the direction. */
export async function orderBy(
  { sizes, modifiedMs, folders, files }: Glances,
  { sortedBy, isDescending }: View,
): Promise<Uint32Array> {
  const values = sortedBy === 'size' ? sizes : modifiedMs;
  const sign = isDescending ? -1 : 1;
  const compare = (a: number, b: number): number =>
    sign * ((values[a] ?? 0) - (values[b] ?? 0)) || a - b;
  return Uint32Array.from([
    ...(sortedBy === 'size' ? folders : await sortInTurns(folders, compare, SORTED_A_TURN)),
    ...(await sortInTurns(files, compare, SORTED_A_TURN)),
  ]);
}

/** Looks at each name once, as cheaply as it can be done. */
export async function glanceAt(folder: Folder, names: readonly string[]): Promise<Glances> {
  const sizes = new Float64Array(names.length);
  const modifiedMs = new Float64Array(names.length);
  const [folders, files]: [number[], number[]] = [[], []];
  const glance = folder.glances();
  for (const [index, name] of names.entries()) {
    if (index % A_TURN === 0) await nextTurn();
    const stats = glance(name);
    if (stats === undefined) continue;
    sizes[index] = Number(stats.size);
    modifiedMs[index] = Number(stats.mtimeMs);
    (stats.isFile() ? files : folders).push(index);
  }
  return { sizes, modifiedMs, folders, files };
}
