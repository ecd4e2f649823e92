import {
  chmodSync,
  closeSync,
  constants,
  fchmodSync,
  futimesSync,
  openSync,
  utimesSync,
} from 'node:fs';
import { countText } from '../../base/quantities.js';
import { systemCode } from '../../base/system-error.js';
import { writeAttributes } from '../../disk/extended-attributes.js';
import { NO_LINK } from '../../disk/open-flags.js';
import type { FileEntry, FolderEntry } from '../../stream/manifest.js';

/** Windows changes only what is open for writing, and opens no folder. */
const IS_WINDOWS = process.platform === 'win32';
const CHANGE = IS_WINDOWS ? constants.O_RDWR : constants.O_RDONLY;

export interface KeptAttributesOptions {
  /** Permissions that this user gives to nobody. */
  readonly umask: number;
  /** Whether extended attributes are wanted. */
  readonly xattrs: boolean;
}

/**
 * Gives staged files and folders what was sent with them: times, permissions and, if that is wanted,
 * extended attributes. None is reached through a link.
 *
 * None of these ever fails a transfer: the content is there. What is really wrong with a disk shows
 * elsewhere.
 */
export class KeptAttributes {
  readonly #options: KeptAttributesOptions;
  readonly #unkept = { times: 0, permissions: 0, xattrs: 0 };
  #offered = 0;
  #why: string | undefined;

  constructor(options: KeptAttributesOptions) {
    this.#options = options;
  }

  /** @throws the system's error if it cannot be opened */
  apply(entry: FileEntry | FolderEntry, staged: string): void {
    const { umask } = this.#options;
    this.#applyExtended(entry, staged);
    const seconds = secondsOf(entry.mtime);
    // The owner may always read files and change folders: it must be possible to remove them.
    const mode = (entry.mode & ~umask) | (entry.type === 'folder' ? 0o700 : 0o400);
    if (entry.type === 'folder' && IS_WINDOWS) {
      this.#keep('times', () => utimesSync(staged, seconds, seconds));
      this.#keep('permissions', () => chmodSync(staged, mode));
      return;
    }
    const fd = openSync(staged, CHANGE | NO_LINK);
    try {
      this.#keep('times', () => futimesSync(fd, seconds, seconds));
      this.#keep('permissions', () => fchmodSync(fd, mode));
    } finally {
      closeSync(fd);
    }
  }

  /** What was not kept, a sentence each. */
  get warnings(): string[] {
    const unkept = (['times', 'permissions'] as const)
      .filter((what) => this.#unkept[what] > 0)
      .map((what) => {
        return `the file system does not keep ${what}: those of ${entries(this.#unkept[what])} were not set`;
      });
    return [...this.#extendedWarnings(), ...unkept];
  }

  #keep(what: 'times' | 'permissions', set: () => void): void {
    try {
      set();
    } catch {
      this.#unkept[what]++;
    }
  }

  #applyExtended({ xattrs }: FileEntry | FolderEntry, staged: string): void {
    if (xattrs === undefined) return;
    this.#offered++;
    if (!this.#options.xattrs) return;
    try {
      writeAttributes(staged, xattrs);
    } catch (error) {
      // What they mean is for those who asked for them; the content is whole without them.
      this.#unkept.xattrs++;
      this.#why ??= systemCode(error) ?? String(error);
    }
  }

  #extendedWarnings(): string[] {
    if (this.#offered > 0 && !this.#options.xattrs) {
      return ['extended attributes came along and were not kept; --xattrs keeps them'];
    }
    const { xattrs } = this.#unkept;
    if (xattrs === 0) return [];
    const of = xattrs === 1 ? 'one entry' : entries(xattrs);
    return [`the extended attributes of ${of} could not be set (${this.#why ?? ''})`];
  }
}

function entries(count: number): string {
  return countText(count, 'entry', 'entries');
}

/**
 * A time for `futimes`: as text, because Node takes a negative number for now. Half a microsecond
 * more: the quotient may be nearer to 1970 than the microsecond that was sent.
 */
function secondsOf(mtime: number): string {
  return String((mtime + (mtime < 0 ? -0.0005 : 0.0005)) / 1000);
}
