import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, rm, stat, statfs, symlink, utimes } from 'node:fs/promises';
import path from 'node:path';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { ContentLayout } from '../../stream/content-layout.js';
import { type Manifest, totalBytes } from '../../stream/manifest.js';
import { removeAtExit } from '../../tor/remove-at-exit.js';
import { ContentWriter } from './content-writer.js';
import { isContainedLink, type LocalEntry, localPaths } from './local-path.js';
import { type Conflict, firstConflict, settle } from './settle.js';
import { unwritable } from './unwritable.js';

export interface ReceivedFile {
  /** Where it stands now, relative to the folder that was written to, with '/'. */
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

export interface DestinationOptions {
  readonly directory: string;
  readonly conflict: Conflict;
  readonly manifest: Manifest;
}

/** Where a transfer's content goes. */
export interface Destination {
  write(position: number, content: Bytes): Promise<void>;
  /**
   * Makes the transfer real: everything whole, on disk and under its final name.
   *
   * @param total length of the content
   */
  finish(total: number): Promise<{ files: ReceivedFile[]; warnings: string[] }>;
  /** Removes what was written of an unfinished transfer; does nothing after `finish`. */
  discard(): Promise<void>;
}

/**
 * Prepares a folder for a transfer. Everything is first written into a hidden folder of our own
 * beside its final place, where nobody else's links or files stand in the way.
 *
 * @throws OnionferryError ERR_HOSTILE_NAME, ERR_CONFLICT (policy `fail`), ERR_DESTINATION
 */
export async function openDestination(options: DestinationOptions): Promise<Destination> {
  const { directory, manifest, conflict } = options;
  const entries = localPaths(manifest, process.platform);
  await assertRoom(directory, totalBytes(manifest));
  if (conflict === 'fail') {
    const existing = await firstConflict(directory, entries);
    if (existing !== undefined) {
      throw new OnionferryError('ERR_CONFLICT', `${existing} exists already; nothing was written`);
    }
  }
  const staging = path.join(directory, `.onionferry-${randomBytes(6).toString('hex')}.part`);
  const umask = await makeStaging(staging).catch((cause: unknown) => {
    throw unwritable(directory, cause);
  });
  const destination = new StagedDestination(options, entries, staging, umask);
  try {
    await destination.makeFolders();
    return destination;
  } catch (error) {
    await destination.discard();
    throw error;
  }
}

/** @returns the permissions that this user gives to nobody, as the folder has just shown them */
async function makeStaging(staging: string): Promise<number> {
  await mkdir(staging, { mode: 0o777 });
  const { mode } = await stat(staging);
  await chmod(staging, 0o700);
  return 0o777 & ~mode;
}

class StagedDestination implements Destination {
  readonly #options: DestinationOptions;
  readonly #entries: readonly LocalEntry[];
  readonly #staging: string;
  readonly #umask: number;
  readonly #writer: ContentWriter;
  readonly #forget: () => void;
  #settled = false;

  constructor(
    options: DestinationOptions,
    entries: readonly LocalEntry[],
    staging: string,
    umask: number,
  ) {
    this.#umask = umask;
    this.#options = options;
    this.#entries = entries;
    this.#staging = staging;
    this.#forget = removeAtExit(staging);
    this.#writer = new ContentWriter(new ContentLayout(options.manifest), (index) =>
      this.#staged(entries[index]?.path ?? []),
    );
  }

  async makeFolders(): Promise<void> {
    for (const { entry, path: names } of this.#entries) {
      const staged = this.#staged(names);
      if (entry.type !== 'folder') continue;
      await mkdir(staged, { mode: 0o700 }).catch((cause: unknown) => {
        throw unwritable(staged, cause);
      });
    }
  }

  async write(position: number, content: Bytes): Promise<void> {
    await this.#writer.write(position, content);
  }

  async finish(total: number): Promise<{ files: ReceivedFile[]; warnings: string[] }> {
    const written = await this.#writer.finish(total);
    const warnings = await this.#makeLinks();
    await this.#applyAttributes();
    const { directory, conflict } = this.#options;
    const finalPaths = await settle(this.#staging, directory, this.#entries, conflict);
    await rm(this.#staging, { recursive: true, force: true });
    this.#forget();
    await syncFolder(directory);
    this.#settled = true;
    const files: ReceivedFile[] = [];
    for (const [index, file] of [...written].sort(([a], [b]) => a - b)) {
      const finalPath = finalPaths.get(index);
      if (finalPath === undefined) {
        const skipped = this.#entries[index]?.path.join('/') ?? '';
        warnings.push(`${skipped} exists already and was left as it is`);
      } else {
        files.push({ path: finalPath, ...file });
      }
    }
    return { files, warnings };
  }

  async discard(): Promise<void> {
    await this.#writer.close();
    if (!this.#settled) await rm(this.#staging, { recursive: true, force: true });
    this.#forget();
  }

  /** Links come last: nothing is ever written while one stands in the staged tree. */
  async #makeLinks(): Promise<string[]> {
    const warnings: string[] = [];
    for (const { entry, path: names } of this.#entries) {
      if (entry.type !== 'link') continue;
      if (!isContainedLink(entry.path, entry.target)) {
        warnings.push(`${names.join('/')} was left out: it is a link to outside of what was sent`);
        continue;
      }
      try {
        await symlink(entry.target, this.#staged(names));
      } catch {
        warnings.push(`${names.join('/')} was left out: this system makes no such link`);
      }
    }
    return warnings;
  }

  /** Deepest first: writing into a folder changes its time, and needs its permission. */
  async #applyAttributes(): Promise<void> {
    for (const { entry, path: names } of [...this.#entries].reverse()) {
      if (entry.type === 'link') continue;
      const staged = this.#staged(names);
      try {
        // Half a microsecond more: the quotient may lie below the microsecond that was sent.
        const seconds = (entry.mtime + 0.0005) / 1000;
        await utimes(staged, seconds, seconds);
        // The owner may always read files, and change folders: it must be possible to remove them.
        const mode = entry.mode & ~this.#umask;
        await chmod(staged, mode | (entry.type === 'folder' ? 0o700 : 0o400));
      } catch (cause) {
        throw unwritable(staged, cause);
      }
    }
  }

  #staged(names: readonly string[]): string {
    return path.join(this.#staging, ...names);
  }
}

/** Makes names durable (POSIX fsync of the directory); Windows has no such call and needs none. */
async function syncFolder(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function assertRoom(directory: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(directory).catch((cause: unknown) => {
    throw unwritable(directory, cause);
  });
  if (bavail * bsize < bytes) {
    throw new OnionferryError(
      'ERR_DESTINATION',
      `${directory} has room for ${bavail * bsize} bytes, but ${bytes} are offered`,
      { cause: Object.assign(new Error('not enough room'), { code: 'ENOSPC' }) },
    );
  }
}
