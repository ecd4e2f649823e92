import type { Stats } from 'node:fs';
import { link, lstat, mkdir, open, readdir, rename, rmdir, unlink } from 'node:fs/promises';
import path from 'node:path';
import { OnionferryError } from '../base/errors.js';
import { systemCode } from '../base/system-error.js';
import { freeNumber } from './names/free-number.js';
import { withSuffix } from './names/local-name.js';
import { isUnsupported } from './unsupported.js';
import { unwritable } from './unwritable.js';

/** What to do with a name that is taken. */
export type Conflict = 'rename' | 'overwrite' | 'skip' | 'fail';

/** Names that somebody else may take, each between our looking and our taking it. */
const RETRIES_MAX = 10_000;
/** After so many moves it is told how far they are. */
const TELL_EVERY = 64;

/**
 * By path, the number to try next behind it. Kept while one folder is written to, it saves the
 * search.
 */
export type NextNumbers = Map<string, number>;

/** A part of a staged tree and the final path that it gets, both relative. */
export interface Move {
  readonly from: readonly string[];
  readonly to: readonly string[];
  /** Takes the place of a file that is there. */
  readonly replaces?: true;
}

export interface CarryOutOptions {
  /** The moves are those of an earlier process, which may have carried out some of them. */
  readonly isResumed?: boolean;
  /** Awaited before a move that was not planned, because a name was taken meanwhile. */
  readonly onChange?: (moves: readonly Move[]) => Promise<void>;
  /** Awaited now and then. @param done so many of the moves, from the first, have been made */
  readonly onDone?: (done: number) => Promise<void>;
}

export interface CommitOptions {
  readonly staging: string;
  /** On the same file system. */
  readonly directory: string;
  readonly conflict: Conflict;
  readonly numbers?: NextNumbers;
}

/** The first entry whose name is taken, other than a folder by a folder. */
export async function firstConflict(
  directory: string,
  entries: readonly {
    readonly entry: { readonly type: string };
    readonly path: readonly string[];
  }[],
): Promise<string | undefined> {
  for (const { entry, path: names } of entries) {
    const target = path.join(directory, ...names);
    const existing = await statOf(target);
    if (existing !== undefined && !(entry.type === 'folder' && existing.isDirectory())) {
      return target;
    }
  }
  return undefined;
}

/**
 * Moves a staged tree to its final names, in two steps: `plan` decides, `carryOut` moves. A plan
 * that was noted can be carried out by a later process, however far the first one got.
 *
 * `rename` gives each taken top-level name a number; the other policies merge into folders that
 * exist. A link at the target is never followed: it counts as a file. `overwrite` replaces files by
 * files only, and numbers what meets something of the other kind.
 */
export class Commit {
  readonly #options: CommitOptions;
  readonly #numbers: NextNumbers;
  /** What this process has moved, for `undo`. */
  readonly #moved: Move[] = [];
  /** Final paths by staged path, both with '/'. */
  readonly #finalPaths = new Map<string, string>();
  /** Of those final paths, with '/'. */
  readonly #parents = new Set<string>();

  constructor(options: CommitOptions) {
    this.#options = options;
    this.#numbers = options.numbers ?? new Map<string, number>();
  }

  /**
   * Moves nothing.
   *
   * @param names of the top level
   * @param mayLack whether a name may not be there, because it was left out
   * @throws OnionferryError ERR_CONFLICT (policy `fail`), ERR_DESTINATION
   */
  async plan(
    names: Iterable<string>,
    mayLack: (name: string) => boolean = () => false,
  ): Promise<Move[]> {
    const moves: Move[] = [];
    for (const name of new Set(names)) {
      const isThere = await this.#plan([name], [name], moves);
      if (!isThere && !mayLack(name)) throw vanished(this.#source([name]));
    }
    return moves;
  }

  /** One after the other. @throws OnionferryError ERR_CONFLICT, ERR_DESTINATION, ERR_DISK_FULL */
  async carryOut(moves: readonly Move[], options: CarryOutOptions = {}): Promise<void> {
    for (const [index, move] of moves.entries()) {
      await this.#carryOut(move, options);
      if ((index + 1) % TELL_EVERY === 0) await options.onDone?.(index + 1);
    }
  }

  async #carryOut(move: Move, { isResumed = false, onChange }: CarryOutOptions): Promise<void> {
    const left = [move];
    let retries = 0;
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (await this.#move(next, isResumed)) {
        this.#finalPaths.set(next.from.join('/'), next.to.join('/'));
        this.#parents.add(next.to.slice(0, -1).join('/'));
        continue;
      }
      if (++retries > RETRIES_MAX) {
        throw new OnionferryError('ERR_CONFLICT', `every name like ${next.to.join('/')} is taken`);
      }
      const instead: Move[] = [];
      await this.#plan(next.from, next.from, instead);
      await onChange?.(instead);
      left.push(...instead.reverse());
    }
  }

  /** The folders that hold what has its final name, whose names are still to be synced. */
  get folders(): string[] {
    return [...this.#parents].map((parent) => path.join(this.#options.directory, parent));
  }

  /** The final path of a staged one: its own, or by the nearest folder that was moved whole. */
  finalPath(names: readonly string[]): string | undefined {
    for (let depth = names.length; depth > 0; depth--) {
      const moved = this.#finalPaths.get(names.slice(0, depth).join('/'));
      if (moved !== undefined) return [moved, ...names.slice(depth)].join('/');
    }
    return undefined;
  }

  /** Takes back what this process has moved, as far as it can; not what was replaced. */
  async undo(): Promise<void> {
    for (const { from, to, replaces } of this.#moved.reverse()) {
      if (replaces === true) continue;
      // The failure that led here is the one to tell.
      await rename(this.#target(to), this.#source(from)).catch(() => undefined);
    }
  }

  /** @returns false if it is not there */
  async #plan(from: readonly string[], to: readonly string[], moves: Move[]): Promise<boolean> {
    const { conflict } = this.#options;
    const source = await statOf(this.#source(from));
    if (source === undefined) return false;
    const isFolder = source.isDirectory();
    const existing = await statOf(this.#target(to));
    if (existing === undefined) {
      moves.push({ from, to });
    } else if (conflict !== 'rename' && isFolder && existing.isDirectory()) {
      const names = await readdir(this.#source(from)).catch((cause: unknown) => {
        throw unwritable(this.#source(from), cause);
      });
      for (const name of names) await this.#plan([...from, name], [...to, name], moves);
    } else if (conflict === 'fail') {
      const target = this.#target(to);
      throw new OnionferryError('ERR_CONFLICT', `${target} was made by somebody else meanwhile`);
    } else if (conflict === 'overwrite' && !isFolder && !existing.isDirectory()) {
      // A file never takes a folder's place, with all that is in it, nor a folder a file's.
      moves.push({ from, to, replaces: true });
    } else if (conflict !== 'skip') {
      moves.push({ from, to: await this.#numbered(to) });
    }
    return true;
  }

  async #numbered(wanted: readonly string[]): Promise<string[]> {
    const key = wanted.join('/');
    const with_ = (n: number): string[] => [
      ...wanted.slice(0, -1),
      withSuffix(wanted.at(-1) ?? '', ` (${n})`),
    ];
    if (!this.#numbers.has(key)) {
      const isTaken = async (n: number): Promise<boolean> =>
        (await statOf(this.#target(with_(n)))) !== undefined;
      const free = await freeNumber(isTaken);
      this.#numbers.set(key, Math.max(free, this.#numbers.get(key) ?? 0));
    }
    const n = this.#numbers.get(key) ?? 1;
    // Before anything is awaited: another caller tries the next one.
    this.#numbers.set(key, n + 1);
    return with_(n);
  }

  /** @returns false if somebody else has taken the name meanwhile */
  async #move(move: Move, isResumed: boolean): Promise<boolean> {
    const [source, target] = [this.#source(move.from), this.#target(move.to)];
    try {
      const staged = await statOf(source);
      if (staged === undefined) {
        // An earlier process has moved it.
        if (isResumed) return true;
        throw vanished(source);
      }
      const isDone =
        move.replaces === true
          ? await replace(source, target)
          : (isResumed && (await finishMove(source, staged, target))) ||
            (await moveIfFree(source, target, staged.isDirectory()));
      if (isDone) this.#moved.push(move);
      return isDone;
    } catch (cause) {
      throw unwritable(target, cause);
    }
  }

  #source(names: readonly string[]): string {
    return path.join(this.#options.staging, ...names);
  }

  #target(names: readonly string[]): string {
    return path.join(this.#options.directory, ...names);
  }
}

function vanished(staged: string): OnionferryError {
  return new OnionferryError(
    'ERR_DESTINATION',
    `${staged} was removed by somebody else before it got its final name`,
  );
}

/** In one step, unless it is a folder by now. */
async function replace(source: string, target: string): Promise<boolean> {
  if ((await statOf(target))?.isDirectory() === true) return false;
  await rename(source, target);
  return true;
}

/**
 * Finishes a move that an earlier process may have begun.
 *
 * @returns false if it has not begun it
 */
async function finishMove(source: string, staged: Stats, target: string): Promise<boolean> {
  const existing = await statOf(target);
  if (existing === undefined) return false;
  if (staged.isDirectory()) {
    if (!existing.isDirectory() || (await readdir(target)).length > 0) return false;
    // The name was free when it was planned, and mkdir() has claimed it.
    await renameFolder(source, target);
    return true;
  }
  if (existing.dev === staged.dev && existing.ino === staged.ino && existing.nlink > 1) {
    await unlink(source);
    return true;
  }
  if (!existing.isFile() || existing.size > 0) return false;
  // As above: claimed by an empty file. If it is somebody else's, it holds nothing to lose.
  await rename(source, target);
  return true;
}

/** Moves without ever replacing what somebody else made in between. */
async function moveIfFree(source: string, target: string, isFolder: boolean): Promise<boolean> {
  try {
    if (isFolder) {
      // mkdir() claims the name; rename() replaces an empty folder of our own.
      await mkdir(target);
    } else {
      await link(source, target);
    }
  } catch (error) {
    const code = systemCode(error);
    if (code === 'EEXIST') return false;
    if (isFolder || !(isUnsupported(error) || code === 'EMLINK')) throw error;
    return await claimThenRename(source, target);
  }
  if (isFolder) await renameFolder(source, target);
  // The file has its final name; another one in the staging folder is removed with that.
  else await unlink(source).catch(() => undefined);
  return true;
}

/** Puts a folder in place of an empty one of ours. If that fails, neither is left there. */
async function renameFolder(source: string, target: string): Promise<void> {
  try {
    await rename(source, target);
  } catch {
    // Some file systems, and Windows, replace no folder.
    await rmdir(target);
    await rename(source, target);
  }
}

/** For a file system without hard links: an empty file claims the name, and is replaced. */
async function claimThenRename(source: string, target: string): Promise<boolean> {
  const claim = await open(target, 'wx', 0o600).catch((error: unknown) => {
    if (systemCode(error) === 'EEXIST') return undefined;
    throw error;
  });
  if (claim === undefined) return false;
  try {
    await claim.close();
    await rename(source, target);
  } catch (error) {
    await unlink(target).catch(() => undefined);
    throw error;
  }
  return true;
}

async function statOf(target: string): Promise<Stats | undefined> {
  try {
    return await lstat(target);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unwritable(target, error);
  }
}
