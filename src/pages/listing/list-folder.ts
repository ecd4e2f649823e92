import type { BigIntStats } from 'node:fs';
import { nextTurn, Turns } from '../../disk/small-file.js';
import type { Folder } from '../../disk/tree/folder.js';
import { PATH_DEPTH_MAX } from '../../stream/manifest.js';

/** Entries to `stat` for one page, in the folder and below: some 0.1 s. */
const LOOKS_MAX = 10_000;
/** What people still scroll through, and phones still render */
const PAGE_ENTRIES = 500;

export interface ListedEntry {
  readonly kind: 'file' | 'folder';
  readonly name: string;
  /** Of a folder: of everything in it; undefined if that is too much to count */
  readonly bytes: number | undefined;
  readonly modified: Date | undefined;
}

/** One page of a folder's contents. */
export interface Listing {
  readonly entries: readonly ListedEntry[];
  /** From 1 */
  readonly page: number;
  readonly pages: number;
  /** Entries in the folder; if `total` is undefined, including those that cannot be downloaded */
  readonly count: number;
  /** Files in the folder and below; undefined if that is too much to count */
  readonly total: { readonly files: number; readonly bytes: number } | undefined;
  /** Names seen in this folder of what cannot be downloaded */
  readonly leftOut: readonly string[];
}

interface Looked {
  readonly name: string;
  readonly stats: BigIntStats;
}

/**
 * Lists a folder: folders first, then files, each in natural order. Beyond `LOOKS_MAX` entries, all
 * in natural order.
 */
export async function listFolder(folder: Folder, page: number): Promise<Listing> {
  const names = folder.names();
  const { compare } = new Intl.Collator('en', { numeric: true });
  const isAll = names.length <= LOOKS_MAX;
  const sorted = names.sort(compare);
  const measure = new Measure(isAll ? LOOKS_MAX - names.length : 0);
  const seen = isAll ? sorted : sliceOf(sorted, page);
  const looked = await look(folder, seen);
  const shown = isAll
    ? [...looked.filter(isFolder), ...looked.filter((entry) => !isFolder(entry))]
    : looked;
  let total: Listing['total'] = isAll ? { files: 0, bytes: 0 } : undefined;
  const entries: ListedEntry[] = [];
  for (const { name, stats } of shown) {
    const size = await measure.of(folder, name, stats);
    total = total && size && { files: total.files + size.files, bytes: total.bytes + size.bytes };
    const kind = stats.isFile() ? 'file' : 'folder';
    entries.push({ kind, name, bytes: size?.bytes, modified: timeOf(stats) });
  }
  const count = isAll ? shown.length : names.length;
  return {
    entries: isAll ? sliceOf(entries, page) : entries,
    page,
    pages: Math.max(1, Math.ceil(count / PAGE_ENTRIES)),
    count,
    total,
    leftOut: leftOutOf(seen, looked),
  };
}

function leftOutOf(seen: readonly string[], looked: readonly Looked[]): string[] {
  const shown = new Set(looked.map(({ name }) => name));
  return seen.filter((name) => !shown.has(name));
}

function isFolder({ stats }: Looked): boolean {
  return stats.isDirectory();
}

function sliceOf<T>(all: readonly T[], page: number): T[] {
  return all.slice((page - 1) * PAGE_ENTRIES, page * PAGE_ENTRIES);
}

async function look(folder: Folder, names: readonly string[]): Promise<Looked[]> {
  const turns = new Turns();
  const looked: Looked[] = [];
  for (const name of names) {
    if (turns.count()) await nextTurn();
    const stats = folder.look(name);
    if (stats !== undefined) looked.push({ name, stats });
  }
  return looked;
}

/** @returns undefined for a time outside the range of Date */
function timeOf({ mtimeMs }: BigIntStats): Date | undefined {
  const time = new Date(Number(mtimeMs));
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** Adds up sizes below a folder, up to a limit of entries. */
class Measure {
  #looks: number;
  readonly #turns = new Turns();

  constructor(looks: number) {
    this.#looks = looks;
  }

  async of(
    folder: Folder,
    name: string,
    stats: BigIntStats,
    depth = 1,
  ): Promise<{ files: number; bytes: number } | undefined> {
    if (stats.isFile()) return { files: 1, bytes: Number(stats.size) };
    if (depth > PATH_DEPTH_MAX || this.#looks <= 0) return undefined;
    const sum = { files: 0, bytes: 0 };
    using inner = folder.folder(name);
    if (inner === undefined) return sum;
    const names = inner.names();
    this.#looks -= names.length + 1;
    for (const child of names) {
      if (this.#looks < 0) return undefined;
      if (this.#turns.count()) await nextTurn();
      const childStats = inner.look(child);
      if (childStats === undefined) continue;
      const size = await this.of(inner, child, childStats, depth + 1);
      if (size === undefined) return undefined;
      sum.files += size.files;
      sum.bytes += size.bytes;
    }
    return sum;
  }
}
