import { isUtf8 } from 'node:buffer';
import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  opendirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../../base/system-error.js';
import { escapedName, type SystemPath, systemPath, unescapedName } from '../names/escaped-name.js';
import { isHarmless } from '../names/local-name.js';
import { NO_LINK, READ } from '../open-flags.js';
import { hasUntoldContent } from '../untold-size.js';
import type { Folder, HiddenReason, KindOfName, OpenFile } from './folder.js';

/** Linux opens names relative to an open folder by this: openat(2), which Node does not have. */
const DESCRIPTORS = '/proc/self/fd';
const HAS_DESCRIPTORS = process.platform === 'linux' && existsSync(DESCRIPTORS);

/** Not in Node's constants: macOS refuses links anywhere in the path by it (open(2)). */
const DARWIN_O_NOFOLLOW_ANY = 0x20000000;
const NO_LINKS =
  process.platform === 'darwin'
    ? DARWIN_O_NOFOLLOW_ANY
    : (constants.O_NOFOLLOW as number | undefined);

const OPEN_FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NONBLOCK;

/** Opens a folder that the user named; this path alone may lead through links. */
export function openRootFolder(absolute: string): Folder | undefined {
  if (HAS_DESCRIPTORS) return openByDescriptor(absolute, 0);
  const real = ifThere(() => realpathSync.native(absolute));
  return real !== undefined && lookAt(real)?.isDirectory() === true
    ? new PathFolder(real)
    : undefined;
}

function openByDescriptor(at: SystemPath, flags: number): Folder | undefined {
  const fd = ifThere(() => openSync(at, OPEN_FOLDER | flags));
  return fd === undefined ? undefined : new DescriptorFolder(fd);
}

/**
 * Every name is looked up in the open folder, and is not followed if it is a link. So nobody who
 * may write in the folder can lead a reader out of it, however fast they swap things.
 */
class DescriptorFolder implements Folder {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  names(): string[] {
    return namesIn(this.#path, escapedName);
  }

  readNames(): Promise<string[]> {
    return readNamesIn(this.#path, escapedName);
  }

  kinds(): Iterable<KindOfName> {
    return kindsIn(this.#path);
  }

  look(name: string): BigIntStats | undefined {
    return isHarmless(name, process.platform) ? shownAt(this.#at(name)) : undefined;
  }

  glances(): (name: string) => BigIntStats | undefined {
    // Each look through /proc costs as much again as the rest of it.
    const now = readlinkSync(this.#path);
    return (name) =>
      name.includes('%') || now.includes('\uFFFD')
        ? this.look(name)
        : isHarmless(name, process.platform)
          ? glanceAt(`${now}/${name}`)
          : undefined;
  }

  whyHidden(name: string): HiddenReason {
    return isHarmless(name, process.platform) ? whyHiddenAt(this.#at(name)) : 'gone';
  }

  state(): string {
    return stateOf(fstatSync(this.#fd, { bigint: true }));
  }

  folder(name: string): Folder | undefined {
    return isHarmless(name, process.platform)
      ? openByDescriptor(this.#at(name), constants.O_NOFOLLOW)
      : undefined;
  }

  file(name: string): OpenFile | undefined {
    // Opening a device may already do something; only files are tried.
    if (this.look(name)?.isFile() !== true) return undefined;
    return openFile(this.#at(name), constants.O_NOFOLLOW);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  get #path(): string {
    return `${DESCRIPTORS}/${this.#fd}`;
  }

  #at(name: string): SystemPath {
    const plain = `${this.#path}/${name}`;
    const escaped = name.includes('%') ? unescapedName(name) : undefined;
    // A name that is as it is shown comes before one that only looks so.
    return escaped === undefined || lookAt(plain) !== undefined
      ? plain
      : systemPath(this.#path, escaped);
  }
}

/**
 * Where folders cannot be held open. On macOS the system refuses links anywhere in the path; on
 * others the folder is checked again after something in it was opened.
 */
class PathFolder implements Folder {
  /** Free of links when it was opened. */
  readonly #path: string;

  constructor(real: string) {
    this.#path = real;
  }

  names(): string[] {
    return this.#isReal() ? namesIn(this.#path, utf8Name) : [];
  }

  async readNames(): Promise<string[]> {
    return this.#isReal() ? await readNamesIn(this.#path, utf8Name) : [];
  }

  kinds(): Iterable<KindOfName> {
    return this.#isReal() ? kindsIn(this.#path) : [];
  }

  look(name: string): BigIntStats | undefined {
    // Such a system may find a file by another spelling, or something that has no name of its own.
    if (!isHarmless(name, process.platform) || !this.names().includes(name)) return undefined;
    return shownAt(path.join(this.#path, name));
  }

  glances(): (name: string) => BigIntStats | undefined {
    return (name) =>
      isHarmless(name, process.platform) ? glanceAt(path.join(this.#path, name)) : undefined;
  }

  whyHidden(name: string): HiddenReason {
    if (!isHarmless(name, process.platform) || !this.names().includes(name)) return 'gone';
    return whyHiddenAt(path.join(this.#path, name));
  }

  state(): string | undefined {
    const stats = lookAt(this.#path);
    return stats && stateOf(stats);
  }

  folder(name: string): Folder | undefined {
    if (this.look(name)?.isDirectory() !== true) return undefined;
    return new PathFolder(path.join(this.#path, name));
  }

  file(name: string): OpenFile | undefined {
    if (this.look(name)?.isFile() !== true) return undefined;
    const file = openFile(path.join(this.#path, name), NO_LINKS ?? 0);
    if (file === undefined) return undefined;
    const { dev, ino } = this.look(name) ?? {};
    if (dev === file.stats.dev && ino === file.stats.ino && this.#isReal()) return file;
    file[Symbol.dispose]();
    return undefined;
  }

  [Symbol.dispose](): void {
    // Nothing is held open.
  }

  #isReal(): boolean {
    return ifThere(() => realpathSync.native(this.#path)) === this.#path;
  }
}

type ShownName = (name: Buffer) => string | undefined;

function namesIn(folder: string, shown: ShownName): string[] {
  return shownNames(folder, readdirSync(folder), shown);
}

async function readNamesIn(folder: string, shown: ShownName): Promise<string[]> {
  return shownNames(folder, await readdir(folder), shown);
}

function shownNames(folder: string, texts: string[], shown: ShownName): string[] {
  // Reading bytes takes three times as long. This character stands for those that are not UTF-8.
  if (!texts.some((text) => text.includes('\uFFFD'))) return texts.sort();
  const names = readdirSync(folder, { encoding: 'buffer' }).map(shown);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

function* kindsIn(folder: string): Generator<KindOfName> {
  const open = opendirSync(folder, { bufferSize: 256 });
  try {
    for (let entry = open.readSync(); entry !== null; entry = open.readSync()) {
      if (entry.isFile()) yield { name: entry.name, kind: 'file' };
      else if (entry.isDirectory()) yield { name: entry.name, kind: 'folder' };
    }
  } finally {
    open.closeSync();
  }
}

function utf8Name(name: Buffer): string | undefined {
  return isUtf8(name) ? name.toString() : undefined;
}

function lookAt(at: SystemPath): BigIntStats | undefined {
  return ifThere(() => lstatSync(at, { bigint: true }));
}

function glanceAt(at: string): BigIntStats | undefined {
  const stats = ifThere(() => lstatSync(at, { bigint: true, throwIfNoEntry: false }));
  return stats?.isFile() === true || stats?.isDirectory() === true ? stats : undefined;
}

/** What cannot be read is not shown, so that an archive of the rest can be made. */
function shownAt(at: SystemPath): BigIntStats | undefined {
  const stats = lookAt(at);
  const wanted = stats?.isDirectory() === true ? constants.R_OK | constants.X_OK : constants.R_OK;
  if (stats?.isFile() !== true && stats?.isDirectory() !== true) return undefined;
  if (!isAllowed(at, wanted)) return undefined;
  return stats.isFile() && stats.size === 0n && isUntold(at) ? undefined : stats;
}

/** Why nothing is shown of what is there. @param stat follows links or not */
export function whyHiddenAt(at: SystemPath, stat: typeof lstatSync = lstatSync): HiddenReason {
  const stats = ifThere(() => stat(at, { bigint: true }));
  if (stats === undefined) return 'gone';
  if (stats.isSymbolicLink()) return 'link';
  if (!stats.isFile() && !stats.isDirectory()) return 'special';
  const wanted = stats.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK;
  return isAllowed(at, wanted) ? 'untold' : 'unreadable';
}

function stateOf({ ino, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${mtimeNs} ${ctimeNs}`;
}

/** Of a file of no size: whether its size says nothing, or it cannot be read. */
export function isUntold(at: SystemPath, flags: number = NO_LINK): boolean {
  try {
    return hasUntoldContent(at, flags);
  } catch {
    return true;
  }
}

function isAllowed(at: SystemPath, wanted: number): boolean {
  const allowed = ifThere(() => {
    accessSync(at, wanted);
    return true;
  });
  return allowed === true;
}

/** What a system says of something that is missing, is something else, or may not be read. */
const NOT_THERE: readonly (string | undefined)[] = [
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'EMLINK',
  'EACCES',
  'EPERM',
  'ENXIO',
  'ENODEV',
  'ENAMETOOLONG',
  'EINVAL',
];

/** @returns undefined if what is looked for is not there; other failures are thrown */
export function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (NOT_THERE.includes(systemCode(error))) {
      return undefined;
    }
    throw error;
  }
}

/** @param flags in addition to those for reading */
export function openFile(path: SystemPath, flags = 0): OpenFile | undefined {
  const fd = ifThere(() => openSync(path, READ | flags));
  if (fd === undefined) return undefined;
  const stats = fstatSync(fd, { bigint: true });
  if (!stats.isFile()) {
    closeSync(fd);
    return undefined;
  }
  return { fd, stats, [Symbol.dispose]: () => closeSync(fd) };
}
