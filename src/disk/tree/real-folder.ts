import { isUtf8 } from 'node:buffer';
import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  realpathSync,
} from 'node:fs';
import path from 'node:path';
import { systemCode } from '../../base/system-error.js';
import { isHarmless } from '../names/local-name.js';
import { READ } from '../open-flags.js';
import type { Folder, OpenFile } from './folder.js';

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

function openByDescriptor(at: string, flags: number): Folder | undefined {
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
    return namesIn(`${DESCRIPTORS}/${this.#fd}`);
  }

  look(name: string): BigIntStats | undefined {
    return isHarmless(name, process.platform) ? shownAt(this.#at(name)) : undefined;
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

  #at(name: string): string {
    return `${DESCRIPTORS}/${this.#fd}/${name}`;
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
    return this.#isReal() ? namesIn(this.#path) : [];
  }

  look(name: string): BigIntStats | undefined {
    // Such a system may find a file by another spelling, or something that has no name of its own.
    if (!isHarmless(name, process.platform) || !this.names().includes(name)) return undefined;
    return shownAt(path.join(this.#path, name));
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

function namesIn(folder: string): string[] {
  return readdirSync(folder, { encoding: 'buffer' })
    .flatMap((name) => (isUtf8(name) ? name.toString() : []))
    .sort();
}

function lookAt(at: string): BigIntStats | undefined {
  return ifThere(() => lstatSync(at, { bigint: true }));
}

/** What cannot be read is not shown, so that an archive of the rest can be made. */
function shownAt(at: string): BigIntStats | undefined {
  const stats = lookAt(at);
  const wanted = stats?.isDirectory() === true ? constants.R_OK | constants.X_OK : constants.R_OK;
  if (stats?.isFile() !== true && stats?.isDirectory() !== true) return undefined;
  return isAllowed(at, wanted) ? stats : undefined;
}

function isAllowed(at: string, wanted: number): boolean {
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
export function openFile(path: string, flags = 0): OpenFile | undefined {
  const fd = ifThere(() => openSync(path, READ | flags));
  if (fd === undefined) return undefined;
  const stats = fstatSync(fd, { bigint: true });
  if (!stats.isFile()) {
    closeSync(fd);
    return undefined;
  }
  return { fd, stats, [Symbol.dispose]: () => closeSync(fd) };
}
