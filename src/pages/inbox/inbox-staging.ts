import { lstat, mkdir, readdir, rm, rmdir } from 'node:fs/promises';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { type LockedFolder, lockFolder, removeIfAbandoned } from '../../disk/locked-folder.js';
import { isStagingName, makeStagingFolder } from '../../disk/staging-folder.js';
import { unwritable } from '../../disk/unwritable.js';

/** Another process that cleans up may remove a folder just before it is locked. */
const TRIES = 8;

interface HeldFolder extends LockedFolder {
  /** Permission bits that new files of this user do not get, as the file system applied them. */
  readonly umask: number;
}

/** The hidden folder in an inbox that uploads are written to. It exists while there are uploads. */
export class InboxStaging {
  readonly #directory: string;
  #held: Promise<HeldFolder> | undefined;
  #users = 0;
  #made = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Creates a folder for one upload in the staging folder.
   *
   * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
   */
  async enter(): Promise<UploadFolder> {
    this.#users++;
    try {
      this.#held ??= makeHeld(this.#directory);
      const { path: staging, umask } = await this.#held;
      const folder = path.join(staging, String(this.#made++));
      await mkdir(folder, { mode: 0o700 });
      return { path: folder, umask, [Symbol.asyncDispose]: () => this.#remove(folder) };
    } catch (cause) {
      // The first error is the one to report.
      await this.#leave().catch(() => undefined);
      throw unwritable(this.#directory, cause);
    }
  }

  async #remove(folder: string): Promise<void> {
    try {
      await rm(folder, { recursive: true, force: true });
    } finally {
      await this.#leave();
    }
  }

  async #leave(): Promise<void> {
    if (--this.#users > 0) return;
    const held = this.#held;
    // Uploads that start from now on create another one.
    this.#held = undefined;
    await (await held)?.remove();
  }
}

export interface UploadFolder extends AsyncDisposable {
  readonly path: string;
  readonly umask: number;
}

/**
 * Removes staging folders left behind by killed processes.
 *
 * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
 */
export async function cleanInbox(directory: string): Promise<void> {
  try {
    for (const name of await readdir(directory)) {
      if (isStagingName(name, 'inbox')) await removeIfLeft(path.join(directory, name));
    }
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

async function removeIfLeft(staging: string): Promise<void> {
  // A link of this name is not ours.
  if (!(await lstat(staging)).isDirectory()) return;
  try {
    await removeIfAbandoned(staging);
  } catch {
    // It has no lock yet, so it is empty or about to be locked. If it is not removed here, the next
    // start tries again.
    await rmdir(staging).catch(() => undefined);
  }
}

async function makeHeld(directory: string): Promise<HeldFolder> {
  for (let tries = 0; tries < TRIES; tries++) {
    const { path: staging, umask } = await makeStagingFolder(directory, 'inbox');
    const locked = await lockFolder(staging);
    if (locked !== undefined) return { ...locked, umask };
  }
  throw new OnionferryError('ERR_DESTINATION', `cannot write ${directory}: it is being cleaned`);
}
