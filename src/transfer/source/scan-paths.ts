import { isUtf8 } from 'node:buffer';
import {
  type BigIntStats,
  closeSync,
  lstatSync,
  openSync,
  readdirSync,
  readlinkSync,
  statSync,
} from 'node:fs';
import { OnionferryError } from '../../base/errors.js';
import { systemCode } from '../../base/system-error.js';
import { readAttributes } from '../../disk/extended-attributes.js';
import { escapedName, type SystemPath, systemPath } from '../../disk/names/escaped-name.js';
import { withSuffix } from '../../disk/names/local-name.js';
import { READ } from '../../disk/open-flags.js';
import { nextTurn, Turns } from '../../disk/small-file.js';
import { Exclusion, type ExclusionRules, ruleFilesIn } from '../../disk/tree/exclusion.js';
import { numberedWarnings, type Root, rootNames } from '../../disk/tree/root-names.js';
import { unreadable } from '../../disk/unreadable.js';
import { hasUntoldContent, UNTOLD } from '../../disk/untold-size.js';
import {
  type Attributes,
  type Entry,
  MANIFEST_ENTRIES_MAX,
  type Manifest,
  NAME_MAX,
  PATH_DEPTH_MAX,
} from '../../stream/manifest.js';
import type { FileIdentity } from './file-identity.js';
import {
  escapedWarnings,
  leftOutWarnings,
  listed,
  refuseUnsendable,
  type Unsendable,
} from './left-out.js';

export interface Scan {
  readonly manifest: Manifest;
  /** By index in the manifest's entries, for files only. */
  readonly files: ReadonlyMap<number, FileIdentity>;
  readonly warnings: readonly string[];
}

export interface ScanOptions {
  readonly signal?: AbortSignal | undefined;
  /** Leaves out what cannot be read, instead of refusing everything. */
  readonly skipUnreadable?: boolean | undefined;
  readonly exclude?: ExclusionRules | undefined;
  /** Takes extended attributes along. */
  readonly xattrs?: boolean | undefined;
}

/** The limits of Date; file systems may hold other times. */
const TIME_MAX = 8.64e15;
const NOTHING_EXCLUDED: ExclusionRules = { patterns: [], gitIgnore: false };

/**
 * Lists what is at `paths`: each under its own last name, or one like it where two have the same;
 * folders with everything in them.
 *
 * A link named by the user is followed; one inside a folder travels as a link. Of a file with several
 * names in what is listed, all but the first travel as names only.
 *
 * @throws OnionferryError ERR_SOURCE if something cannot be read, with the names of all such things
 */
export async function scanPaths(
  paths: readonly string[],
  options: ScanOptions = {},
): Promise<Scan> {
  const scanner = new Scanner(options);
  const roots = rootNames(paths);
  for (const [name, root] of roots) await scanner.add(root, name);
  scanner.warn(numberedWarnings(roots));
  return scanner.finish();
}

interface Found {
  /** On this machine. */
  readonly at: SystemPath;
  readonly shown: string;
  /** As the other side sees it. */
  readonly names: readonly string[];
  /** By which it is judged whether it is excluded. */
  readonly ownName: string;
  readonly stats: BigIntStats;
  /** Of the folder that it is in. */
  readonly exclusion: Exclusion;
}

class Scanner {
  readonly #options: ScanOptions;
  readonly #turns = new Turns();
  readonly #entries: Entry[] = [];
  readonly #files = new Map<number, FileIdentity>();
  /** Files with several names, by device and inode. */
  readonly #linked = new Map<string, number>();
  readonly #leftOut: Unsendable[] = [];
  /** What cannot be read; whether that ends everything is decided when all of it is known. */
  readonly #unreadable: Unsendable[] = [];
  readonly #escaped: (readonly string[])[] = [];
  readonly #warnings: string[] = [];
  #excluded = 0;

  constructor(options: ScanOptions) {
    this.#options = options;
  }

  /** @param name under which it is sent */
  async add({ given, absolute, ownName }: Root, name: string): Promise<void> {
    const { exclude = NOTHING_EXCLUDED } = this.#options;
    let stats: BigIntStats;
    try {
      stats = statSync(absolute, { bigint: true });
    } catch (cause) {
      const { code, message } = unreadable(given, cause);
      // Node has put that character in the place of what is not UTF-8 on the command line.
      const hint = given.includes('\uFFFD') ? '; if its name is not UTF-8, send its folder' : '';
      throw new OnionferryError(code, `${message}${hint}`, { cause });
    }
    if (!stats.isFile() && !stats.isDirectory()) {
      throw new OnionferryError('ERR_SOURCE', `${given} is neither a file nor a folder`);
    }
    const exclusion = Exclusion.above(absolute, exclude);
    await this.#add({ at: absolute, shown: given, names: [name], ownName, stats, exclusion });
  }

  warn(warnings: readonly string[]): void {
    this.#warnings.push(...warnings);
  }

  /** @throws OnionferryError ERR_SOURCE */
  finish(): Scan {
    if (this.#options.skipUnreadable !== true) refuseUnsendable(this.#unreadable);
    const leftOut = [...this.#unreadable, ...this.#leftOut];
    if (this.#entries.length === 0 && leftOut.length + this.#excluded > 0) {
      throw new OnionferryError('ERR_SOURCE', 'nothing is left to send: all of it was left out');
    }
    const missing = listed(leftOut.map((one) => one.path));
    const escaped = listed(this.#escaped);
    return {
      manifest: {
        kind: 'files',
        entries: this.#entries,
        ...(missing !== undefined && { leftOut: missing }),
        ...(escaped !== undefined && { escaped }),
      },
      files: this.#files,
      warnings: [...escapedWarnings(this.#escaped), ...leftOutWarnings(leftOut), ...this.#warnings],
    };
  }

  async #add(found: Found): Promise<void> {
    if (this.#turns.count()) await nextTurn();
    this.#options.signal?.throwIfAborted();
    const { at, shown, names, ownName, stats, exclusion } = found;
    if (exclusion.excludes(ownName, stats.isDirectory())) {
      this.#excluded++;
      return;
    }
    if (this.#entries.length >= MANIFEST_ENTRIES_MAX || names.length > PATH_DEPTH_MAX) {
      const [top = ''] = names;
      const sentence = `${top} holds too many files or folders; pack it first`;
      throw new OnionferryError('ERR_SOURCE', sentence);
    }
    if (stats.isDirectory()) {
      await this.#addFolder(found);
    } else if (stats.isFile()) {
      this.#addFile(found);
    } else if (stats.isSymbolicLink()) {
      const target = this.#read(found, () => readlinkSync(at, { encoding: 'buffer' }));
      if (target === undefined) return;
      if (isUtf8(target)) {
        this.#entries.push({ type: 'link', path: names, target: target.toString() });
      } else {
        this.#leaveOut(names, `${shown} is a link to a name that is not UTF-8`);
      }
    } else {
      this.#leaveOut(names, `${shown} is neither a file nor a folder`);
    }
  }

  async #addFolder(found: Found): Promise<void> {
    const { at, shown, names, ownName, stats, exclusion } = found;
    const list = this.#read(found, () => readdirSync(at, { encoding: 'buffer' }));
    if (list === undefined) return;
    const xattrs = this.#attributesOf(found);
    this.#entries.push({ type: 'folder', path: names, ...described(stats), ...xattrs });
    const within = exclusion.enter(ownName, ruleFilesIn(at));
    for (const { name, raw } of namesToSend(list)) {
      const child = systemPath(at, raw);
      const path = [...names, name];
      const isEscaped = !isUtf8(raw);
      const childShown = `${shown.replace(/\/+$/, '')}/${isEscaped ? name : raw.toString()}`;
      const known = { at: child, shown: childShown, names: path, ownName: name };
      if (name.length > NAME_MAX) {
        this.#unreadable.push({ path, what: `${childShown} has too long a name` });
        continue;
      }
      const childStats = this.#read(known, () => lstatSync(child, { bigint: true }));
      if (childStats === undefined) continue;
      const before = this.#entries.length;
      await this.#add({ ...known, stats: childStats, exclusion: within });
      if (isEscaped && this.#entries.length > before) this.#escaped.push(path);
    }
  }

  #addFile(found: Found): void {
    const { at, shown, names, stats } = found;
    const { dev, ino, size, mtimeNs, ctimeNs } = stats;
    const hasOthers = stats.nlink > 1n && ino !== 0n;
    const file = hasOthers ? this.#linked.get(`${dev} ${ino}`) : undefined;
    if (file !== undefined) {
      this.#entries.push({ type: 'hardlink', path: names, file });
      return;
    }
    const isUntold = this.#read(found, () => {
      // Whether it can be read shows only when it is opened.
      if (size === 0n) return hasUntoldContent(at);
      closeSync(openSync(at, READ));
      return false;
    });
    if (isUntold === undefined) return;
    if (isUntold) {
      const what = `${shown} ${UNTOLD}; send it alone, or through a pipe`;
      this.#unreadable.push({ path: names, what });
      return;
    }
    const index = this.#entries.length;
    if (hasOthers) this.#linked.set(`${dev} ${ino}`, index);
    this.#files.set(index, { path: at, dev, ino, size, mtimeNs, ctimeNs });
    const xattrs = this.#attributesOf(found);
    const known = { size: Number(size), ...described(stats), ...xattrs };
    this.#entries.push({ type: 'file', path: names, ...known });
  }

  #attributesOf({ at, shown }: Found): { xattrs?: Attributes } {
    if (this.#options.xattrs !== true) return {};
    try {
      const xattrs = readAttributes(at);
      return xattrs === undefined ? {} : { xattrs };
    } catch (error) {
      const why = systemCode(error) ?? String(error);
      this.#warnings.push(`the extended attributes of ${shown} cannot be read (${why})`);
      return {};
    }
  }

  /** @returns undefined if it cannot be read, which is noted */
  #read<T>({ shown, names }: Pick<Found, 'shown' | 'names'>, read: () => T): T | undefined {
    try {
      return read();
    } catch (cause) {
      this.#unreadable.push({ path: names, what: unreadable(shown, cause).message });
      return undefined;
    }
  }

  #leaveOut(path: readonly string[], what: string): void {
    this.#leftOut.push({ path, what });
  }
}

function described(stats: BigIntStats): { readonly mode: number; readonly mtime: number } {
  const mtime = Number(stats.mtimeNs / 1000n) / 1000;
  return {
    mode: Number(stats.mode & 0o777n),
    mtime: Math.min(Math.max(mtime, -TIME_MAX), TIME_MAX),
  };
}

interface NameToSend {
  /** As the other side sees it: no two in a folder are equal. */
  readonly name: string;
  readonly raw: Buffer;
}

/** In the same order on every machine, so that the same folder makes the same manifest. */
function namesToSend(list: readonly Buffer[]): NameToSend[] {
  const plain = list.filter((raw) => isUtf8(raw)).map((raw) => ({ name: raw.toString(), raw }));
  const taken = new Set(plain.map(({ name }) => name));
  const others = list
    .filter((raw) => !isUtf8(raw))
    .sort((a, b) => a.compare(b))
    .map((raw) => {
      const wanted = escapedName(raw);
      let name = wanted;
      for (let n = 1; taken.has(name); n++) name = withSuffix(wanted, ` (${n})`);
      taken.add(name);
      return { name, raw };
    });
  return [...plain, ...others].sort((a, b) => (a.name < b.name ? -1 : 1));
}
