import type { BigIntStats } from 'node:fs';
import { nextTurn, Turns } from '../../disk/small-file.js';
import type { Folder, HiddenReason } from '../../disk/tree/folder.js';
import { PATH_DEPTH_MAX } from '../../stream/manifest.js';
import { compareNaturally, folded } from './natural-order.js';
import type { View } from './view.js';

/** Entries to `stat` for one page, in the folder and below: some 0.1 s. */
const LOOKS_MAX = 10_000;
/** What people still scroll through, and phones still render */
const PAGE_ENTRIES = 500;
/** Names kept of all large folders together, some 300 bytes each. */
const KEPT_NAMES_MAX = 500_000;
/** So long what was read of a large folder is used if nothing in it came or went. */
const KEPT_MS = 60_000;
/** The same where nobody can tell whether something came or went. */
const KEPT_UNTOLD_MS = 5_000;
/** Names of what cannot be downloaded: why is asked of the disk. The rest is counted. */
const LEFT_OUT_NAMED = 20;

export interface ListedEntry {
  readonly kind: 'file' | 'folder';
  readonly name: string;
  /** Of a folder: of everything in it; undefined if that is too much to count */
  readonly bytes: number | undefined;
  readonly modified: Date | undefined;
}

/** What a visitor does not get, and why. */
export interface LeftOutEntry {
  readonly name: string;
  readonly why: HiddenReason;
}

/** One page of a folder's contents. */
export interface Listing {
  readonly view: View;
  readonly entries: readonly ListedEntry[];
  readonly pages: number;
  /** Entries that are listed on all pages: those in the folder, or those that were searched for */
  readonly count: number;
  /** Entries in the folder; if `total` is undefined, including those that cannot be downloaded */
  readonly all: number;
  /** Files in the folder and below; undefined if that is too much to count */
  readonly total: { readonly files: number; readonly bytes: number } | undefined;
  /** Seen in this folder of what cannot be downloaded; the first are named */
  readonly leftOut: { readonly count: number; readonly named: readonly LeftOutEntry[] };
}

interface Looked {
  readonly name: string;
  readonly isFile: boolean;
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** With what a search compares */
interface Searched extends ListedEntry {
  readonly searched: string;
}

/** What was read of a large folder. */
interface Kept {
  readonly state: string | undefined;
  readonly readAt: number;
  /** In natural order */
  readonly names: readonly string[];
  /** What a search compares, of each of the names; made when somebody first searches */
  searched: readonly string[] | undefined;
  /** Read when somebody first sorts by size or time. */
  looked: Promise<readonly Searched[]> | undefined;
  /** The same, by how it was sorted */
  readonly orders: Map<string, Promise<readonly Searched[]>>;
  readonly timer: NodeJS.Timeout;
}

/**
 * Lists folders: folders first, then files, sorted and searched as a visitor wants them.
 *
 * Beyond `LOOKS_MAX` names, sorted by name, only what is on the page is looked at, so folders stand
 * among the files. What was read of such a folder answers later requests for it, too, whichever page
 * they want, so that 100,000 names are read from disk once.
 */
export class Listings {
  /** By path; longest unread first */
  readonly #kept = new Map<string, Kept>();
  #line: Promise<void> = Promise.resolve();

  /** @param path of the folder, for what is kept */
  async list(folder: Folder, path: readonly string[], view: View): Promise<Listing> {
    const key = path.join('/');
    // Before the names are read: what comes meanwhile makes them stale.
    const state = folder.state();
    const kept = this.#fresh(key, state);
    if (kept !== undefined) return await this.#listLarge(folder, kept, view);
    const names = folder.names();
    if (names.length > LOOKS_MAX) {
      return await this.#listLarge(folder, this.#keep(key, state, names), view);
    }
    // As an archive counts, which begins with the folder itself if that has a name.
    return await listAll(folder, names, view, path.length === 0 ? 1 : 2);
  }

  async #listLarge(folder: Folder, kept: Kept, view: View): Promise<Listing> {
    if (view.sortedBy === 'name') return await listByName(folder, kept, view);
    const entries = await orderOf(folder, kept, view);
    // Many may have waited for the same order. Each searches in a turn of its own.
    this.#line = this.#line.then(nextTurn);
    await this.#line;
    const wanted = folded(view.search);
    const found =
      wanted === '' ? entries : entries.filter(({ searched }) => searched.includes(wanted));
    const { length: all } = kept.names;
    return { ...paged(found, view), all, total: undefined, leftOut: { count: 0, named: [] } };
  }

  #fresh(key: string, state: string | undefined): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    const age = performance.now() - kept.readAt;
    if (state !== kept.state || age >= (state === undefined ? KEPT_UNTOLD_MS : KEPT_MS)) {
      this.#forget(key);
      return undefined;
    }
    // Behind all that were read before.
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    return kept;
  }

  #keep(key: string, state: string | undefined, names: string[]): Kept {
    const timer = setTimeout(() => this.#forget(key), KEPT_MS);
    timer.unref();
    const kept: Kept = {
      state,
      readAt: performance.now(),
      names: names.sort(compareNaturally),
      searched: undefined,
      looked: undefined,
      orders: new Map(),
      timer,
    };
    this.#kept.set(key, kept);
    let sum = [...this.#kept.values()].reduce((count, one) => count + one.names.length, 0);
    for (const [oldest, one] of this.#kept) {
      // One that is larger than all may be is kept alone: to read it for each request is dearer.
      if (sum <= KEPT_NAMES_MAX || oldest === key) break;
      sum -= one.names.length;
      this.#forget(oldest);
    }
    return kept;
  }

  #forget(key: string): void {
    clearTimeout(this.#kept.get(key)?.timer);
    this.#kept.delete(key);
  }
}

/** Looks at everything, so that folders come first and sizes can be added up. */
async function listAll(
  folder: Folder,
  names: string[],
  view: View,
  depth: number,
): Promise<Listing> {
  const looked = await look(folder, names.sort(compareNaturally));
  const measure = new Measure(LOOKS_MAX - names.length);
  const entries: ListedEntry[] = [];
  let total: Listing['total'] = { files: 0, bytes: 0 };
  for (const one of looked) {
    const size = await measure.of(folder, one, depth);
    total = total && size && { files: total.files + size.files, bytes: total.bytes + size.bytes };
    entries.push({ ...listed(one), bytes: size?.bytes });
  }
  const wanted = folded(view.search);
  const found = entries.filter(({ name }) => folded(name).includes(wanted));
  return {
    ...paged(sorted(found, view), view),
    all: entries.length,
    total,
    leftOut: leftOutOf(folder, names, looked),
  };
}

async function listByName(folder: Folder, kept: Kept, view: View): Promise<Listing> {
  const found = find(kept, view.search);
  const page = paged(view.isDescending ? found.reverse() : found, view);
  const looked = await look(folder, page.entries);
  const leftOut = leftOutOf(folder, page.entries, looked);
  return {
    ...page,
    all: kept.names.length,
    total: undefined,
    entries: looked.map(listed),
    leftOut,
  };
}

/** Sorted once for all who want that order. */
function orderOf(folder: Folder, kept: Kept, view: View): Promise<readonly Searched[]> {
  const name = `${view.sortedBy} ${view.isDescending}`;
  const known = kept.orders.get(name);
  if (known !== undefined) return known;
  kept.looked ??= lookForSearches(folder, kept.names);
  const order = kept.looked.then((entries) => sorted(entries, view));
  kept.orders.set(name, order);
  order.catch(() => {
    kept.looked = undefined;
    kept.orders.clear();
  });
  return order;
}

async function lookForSearches(
  folder: Folder,
  names: readonly string[],
): Promise<readonly Searched[]> {
  const turns = new Turns();
  const entries: Searched[] = [];
  for (const one of await look(folder, names)) {
    if (turns.count()) await nextTurn();
    entries.push({ ...listed(one), searched: folded(one.name) });
  }
  return entries;
}

function find(kept: Kept, search: string): string[] {
  if (search === '') return [...kept.names];
  const wanted = folded(search);
  const searched = (kept.searched ??= kept.names.map(folded));
  return kept.names.filter((_, index) => searched[index]?.includes(wanted));
}

/** Folders first. @param entries in natural order */
function sorted<Entry extends ListedEntry>(
  entries: readonly Entry[],
  { sortedBy, isDescending }: View,
): Entry[] {
  const valueOf = ({ bytes, modified }: ListedEntry): number =>
    (sortedBy === 'size' ? bytes : modified?.getTime()) ?? Number.NEGATIVE_INFINITY;
  return ['folder', 'file'].flatMap((kind) => {
    const same = entries.filter((entry) => entry.kind === kind);
    if (sortedBy === 'name') return isDescending ? same.reverse() : same;
    const sign = isDescending ? -1 : 1;
    // Of equal ones both may be infinite.
    return same.sort((a, b) => (valueOf(a) === valueOf(b) ? 0 : sign * (valueOf(a) - valueOf(b))));
  });
}

function paged<T>(
  found: readonly T[],
  view: View,
): Pick<Listing, 'view' | 'pages' | 'count'> & { entries: T[] } {
  const { page } = view;
  return {
    view,
    entries: found.slice((page - 1) * PAGE_ENTRIES, page * PAGE_ENTRIES),
    pages: Math.max(1, Math.ceil(found.length / PAGE_ENTRIES)),
    count: found.length,
  };
}

function leftOutOf(
  folder: Folder,
  seen: readonly string[],
  looked: readonly Looked[],
): Listing['leftOut'] {
  const shown = new Set(looked.map(({ name }) => name));
  const hidden = seen.filter((name) => !shown.has(name));
  const named = hidden
    .slice(0, LEFT_OUT_NAMED)
    .map((name) => ({ name, why: folder.whyHidden(name) }));
  return { count: hidden.length, named };
}

async function look(folder: Folder, names: readonly string[]): Promise<Looked[]> {
  const turns = new Turns();
  const looked: Looked[] = [];
  for (const name of names) {
    if (turns.count()) await nextTurn();
    const stats = folder.look(name);
    if (stats !== undefined) looked.push(lookedAt(name, stats));
  }
  return looked;
}

function lookedAt(name: string, stats: BigIntStats): Looked {
  const isFile = stats.isFile();
  return { name, isFile, bytes: Number(stats.size), modifiedMs: Number(stats.mtimeMs) };
}

/** The size of a folder is still unknown. */
function listed({ name, isFile, bytes, modifiedMs }: Looked): ListedEntry {
  const modified = new Date(modifiedMs);
  return {
    kind: isFile ? 'file' : 'folder',
    name,
    bytes: isFile ? bytes : undefined,
    // Undefined for a time outside the range of Date.
    modified: Number.isNaN(modified.getTime()) ? undefined : modified,
  };
}

/** Adds up sizes below a folder, up to a limit of entries, and as deep as an archive may be. */
class Measure {
  #looks: number;
  readonly #turns = new Turns();

  constructor(looks: number) {
    this.#looks = looks;
  }

  async of(
    folder: Folder,
    { name, isFile, bytes }: Looked,
    depth: number,
  ): Promise<{ files: number; bytes: number } | undefined> {
    if (isFile) return { files: 1, bytes };
    if (depth >= PATH_DEPTH_MAX || this.#looks <= 0) return undefined;
    const sum = { files: 0, bytes: 0 };
    using inner = folder.folder(name);
    if (inner === undefined) return sum;
    const names = inner.names();
    this.#looks -= names.length + 1;
    for (const child of names) {
      if (this.#looks < 0) return undefined;
      if (this.#turns.count()) await nextTurn();
      const stats = inner.look(child);
      if (stats === undefined) continue;
      const size = await this.of(inner, lookedAt(child, stats), depth + 1);
      if (size === undefined) return undefined;
      sum.files += size.files;
      sum.bytes += size.bytes;
    }
    return sum;
  }
}
