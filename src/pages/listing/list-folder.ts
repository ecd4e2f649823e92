import type { BigIntStats } from 'node:fs';
import { nextTurn, Turns } from '../../disk/small-file.js';
import type { Folder, HiddenReason } from '../../disk/tree/folder.js';
import { PATH_DEPTH_MAX } from '../../stream/manifest.js';
import { type Glances, glanceAt, orderBy } from './glances.js';
import { folded, sortNaturally } from './natural-order.js';
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

/** What was read of a large folder. */
interface Kept {
  readonly state: string | undefined;
  readonly readAt: number;
  /** In natural order */
  readonly names: readonly string[];
  /** What a search compares, of each of the names; made when somebody first searches */
  searched: Promise<readonly string[]> | undefined;
  /** Read when somebody first sorts by size or time. */
  glances: Promise<Glances> | undefined;
  /** Indices of the names, by how they are sorted */
  readonly orders: Map<string, Promise<Uint32Array>>;
  readonly timer: NodeJS.Timeout;
}

/**
 * Lists folders: folders first, then files, sorted and searched as a visitor wants them.
 *
 * Beyond `LOOKS_MAX` names only what is on the page is looked at. So, sorted by name, folders stand
 * among the files; and sizes and times, by which others are sorted, are read at a glance. What was
 * read of such a folder answers later requests for it, too, whichever page they want, so that 100,000
 * names are read from disk once.
 */
export class Listings {
  /** By path; longest unread first */
  readonly #kept = new Map<string, Kept>();
  /** Being read now, by path and state */
  readonly #reading = new Map<string, Promise<Kept | readonly string[]>>();
  #line: Promise<void> = Promise.resolve();

  /** @param path of the folder, for what is kept */
  async list(folder: Folder, path: readonly string[], view: View): Promise<Listing> {
    const key = path.join('/');
    // Before the names are read: what comes meanwhile makes them stale.
    const state = folder.state();
    const read = this.#fresh(key, state) ?? (await this.#read(folder, key, state));
    if ('names' in read) return await this.#listLarge(folder, read, view);
    // As an archive counts, which begins with the folder itself if that has a name.
    const depth = path.length === 0 ? 1 : 2;
    return await listAll(folder, await sortNaturally(read), view, depth);
  }

  async #listLarge(folder: Folder, kept: Kept, view: View): Promise<Listing> {
    const order = view.sortedBy === 'name' ? undefined : await orderOf(folder, kept, view);
    const searched = view.search === '' ? undefined : await searchedOf(kept);
    // Many may have waited for the same. Each searches in a turn of its own.
    this.#line = this.#line.then(nextTurn);
    await this.#line;
    const found = find(kept, order, searched, view);
    const page = paged(found, view);
    const looked = await look(folder, page.entries);
    return {
      ...page,
      all: kept.names.length,
      total: undefined,
      entries: looked.map(listed),
      leftOut: leftOutOf(folder, page.entries, looked),
    };
  }

  /** Requests that come meanwhile wait for the same names, if it can be told that they still count. */
  async #read(
    folder: Folder,
    key: string,
    state: string | undefined,
  ): Promise<Kept | readonly string[]> {
    const reading = state === undefined ? undefined : `${key}\0${state}`;
    const others = reading === undefined ? undefined : this.#reading.get(reading);
    if (others !== undefined) return await others;
    const read = readIn(folder).then((names) =>
      names.length > LOOKS_MAX ? this.#keep(key, state, names) : names,
    );
    if (reading === undefined) return await read;
    this.#reading.set(reading, read);
    try {
      return await read;
    } finally {
      this.#reading.delete(reading);
    }
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

  /** @param names in natural order */
  #keep(key: string, state: string | undefined, names: readonly string[]): Kept {
    // Two may have read it, in different states.
    this.#forget(key);
    const timer = setTimeout(() => this.#forget(key), KEPT_MS);
    timer.unref();
    const kept: Kept = {
      state,
      readAt: performance.now(),
      names,
      searched: undefined,
      glances: undefined,
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

/** @returns names in natural order if there are more than `LOOKS_MAX` */
async function readIn(folder: Folder): Promise<readonly string[]> {
  const names = await folder.readNames();
  return names.length > LOOKS_MAX ? await sortNaturally(names) : names;
}

/** Looks at everything, so that folders come first and sizes can be added up. */
async function listAll(
  folder: Folder,
  names: readonly string[],
  view: View,
  depth: number,
): Promise<Listing> {
  const looked = await look(folder, names);
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

/** Sorted once for all who want that order. */
function orderOf(folder: Folder, kept: Kept, view: View): Promise<Uint32Array> {
  const name = `${view.sortedBy} ${view.isDescending}`;
  const known = kept.orders.get(name);
  if (known !== undefined) return known;
  kept.glances ??= glanceAt(folder, kept.names);
  const order = kept.glances.then((glances) => orderBy(glances, view));
  kept.orders.set(name, order);
  order.catch(() => {
    kept.glances = undefined;
    kept.orders.clear();
  });
  return order;
}

async function searchedOf(kept: Kept): Promise<readonly string[]> {
  kept.searched ??= foldedOf(kept.names);
  return await kept.searched;
}

async function foldedOf(names: readonly string[]): Promise<readonly string[]> {
  const turns = new Turns();
  const searched: string[] = [];
  for (const name of names) {
    if (turns.count()) await nextTurn();
    searched.push(folded(name));
  }
  return searched;
}

/** @param order of the names by their indices; undefined for the natural one */
function find(
  { names }: Kept,
  order: Uint32Array | undefined,
  searched: readonly string[] | undefined,
  { search, isDescending }: View,
): string[] {
  const wanted = folded(search);
  const found: string[] = [];
  for (let at = 0; at < (order ?? names).length; at++) {
    const index = order?.[at] ?? at;
    if (searched?.[index]?.includes(wanted) === false) continue;
    found.push(names[index] ?? '');
  }
  return order === undefined && isDescending ? found.reverse() : found;
}

/** Folders first. @param entries in natural order */
function sorted(entries: readonly ListedEntry[], { sortedBy, isDescending }: View): ListedEntry[] {
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
