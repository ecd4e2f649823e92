import { nextTurn } from '../disk/small-file.js';
import type { Folder } from '../disk/tree/folder.js';
import { MANIFEST_ENTRIES_MAX, PATH_DEPTH_MAX } from '../stream/manifest.js';

/** Counted for one folder, in some seconds at most: enough to find one that is too much, and others. */
const COUNTED_MAX = 2 * MANIFEST_ENTRIES_MAX;
/** Entries that are counted in one turn of the event loop, some milliseconds */
const COUNTED_A_TURN = 4_000;
/** So long a count is taken for true. */
const KEPT_MS = 60_000;
/** Folders of which is kept what was counted, some hundred bytes each. */
const KEPT_MAX = 1_000;

/** Which archives cannot be made, of a folder and of those in it. */
export interface Counted {
  readonly isTooMuch: boolean;
  /** The names of such folders in it; one that could not be counted is not among them. */
  readonly tooMuch: ReadonlySet<string>;
}

interface Kept extends Counted {
  readonly countedAt: number;
}

const NONE: Counted = { isTooMuch: false, tooMuch: new Set() };

/**
 * Counts what is in folders, so that no archive is offered that `planZip` would refuse. By the kinds
 * that a folder tells: files that cannot be read count as well, and a tree that changes meanwhile may
 * be judged wrongly. The plan decides.
 */
export class EntryCounts {
  /** By path; longest unread first */
  readonly #kept = new Map<string, Kept>();
  readonly #counting = new Map<string, Promise<Kept>>();

  /**
   * @param names the path of the folder
   * @param open called only if it has to be counted; undefined if there is no such folder
   */
  async of(names: readonly string[], open: () => Folder | undefined): Promise<Counted> {
    if (this.#isWithinOneThatFits(names)) return NONE;
    const key = names.join('/');
    const kept = this.#fresh(key);
    if (kept !== undefined) return kept;
    const counting = this.#counting.get(key);
    if (counting !== undefined) return await counting;
    const counted = countIn(open, names.length === 0 ? 1 : 2);
    this.#counting.set(key, counted);
    try {
      this.#keep(key, await counted);
      return await counted;
    } finally {
      this.#counting.delete(key);
    }
  }

  #isWithinOneThatFits(names: readonly string[]): boolean {
    return names.some((_, length) => {
      const above = this.#fresh(names.slice(0, length).join('/'));
      return above !== undefined && !above.isTooMuch;
    });
  }

  #fresh(key: string): Kept | undefined {
    const kept = this.#kept.get(key);
    if (kept === undefined) return undefined;
    this.#kept.delete(key);
    if (performance.now() - kept.countedAt >= KEPT_MS) return undefined;
    this.#kept.set(key, kept);
    return kept;
  }

  #keep(key: string, counted: Kept): void {
    this.#kept.set(key, counted);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** @param depth of the entries of the folder in its archive, from 1 */
async function countIn(open: () => Folder | undefined, depth: number): Promise<Kept> {
  using folder = open();
  const tooMuch = new Set<string>();
  const counter = new Counter(COUNTED_MAX);
  let sum = 0;
  for (const { name, kind } of folder?.kinds() ?? []) {
    const within = kind === 'folder' ? await counter.below(folder, name, depth) : 0;
    if (within > MANIFEST_ENTRIES_MAX) tooMuch.add(name);
    sum += 1 + within;
    await counter.one();
    if (counter.isSpent) break;
  }
  return { isTooMuch: sum > MANIFEST_ENTRIES_MAX, tooMuch, countedAt: performance.now() };
}

class Counter {
  #left: number;
  #inTurn = 0;

  constructor(left: number) {
    this.#left = left;
  }

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  async one(): Promise<void> {
    this.#left--;
    if (++this.#inTurn < COUNTED_A_TURN) return;
    this.#inTurn = 0;
    await nextTurn();
  }

  /**
   * Counts what is in a folder, as far as it matters.
   *
   * @param depth of this folder itself
   * @returns infinite if it is nested too deep
   */
  async below(parent: Folder | undefined, name: string, depth: number): Promise<number> {
    if (depth >= PATH_DEPTH_MAX) return Number.POSITIVE_INFINITY;
    using folder = parent?.folder(name);
    let sum = 0;
    for (const entry of folder?.kinds() ?? []) {
      sum += 1;
      await this.one();
      if (entry.kind === 'folder') sum += await this.below(folder, entry.name, depth + 1);
      if (this.isSpent || sum > MANIFEST_ENTRIES_MAX) break;
    }
    return sum;
  }
}
