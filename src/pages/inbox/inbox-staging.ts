import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, rm, rmdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { OnionferryError } from '../../base/errors.js';
import { type FileLock, tryLockFile } from '../../disk/file-lock.js';
import { removeAtExit } from '../../disk/remove-at-exit.js';
import { unwritable } from '../../disk/unwritable.js';

const NAME = /^\.onionferry-inbox-[0-9a-f]{12}\.part$/;
const LOCK_NAME = 'lock';
/** Another process that cleans up may remove a folder just before it is locked. */
const TRIES = 8;

interface HeldFolder {
  readonly path: string;
  /** Permission bits that new files of this user do not get, as the file system applied them */
  readonly umask: number;
  readonly lock: FileLock;
  readonly forget: () => void;
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
   * @throws OnionferryError ERR_DESTINATION
   */
  async enter(): Promise<UploadFolder> {
    this.#users++;
    try {
      this.#held ??= makeHeld(this.#directory);
      const { path: staging, umask } = await this.#held;
      const folder = path.join(staging, String(this.#made++));
      await mkdir(folder, { mode: 0o700 });
      return new UploadFolder(folder, umask, () => this.#leave());
    } catch (cause) {
      // The first error is the one to report.
      await this.#leave().catch(() => undefined);
      throw unwritable(this.#directory, cause);
    }
  }

  async #leave(): Promise<void> {
    if (--this.#users > 0) return;
    const held = this.#held;
    // Uploads that start from now on create another one.
    this.#held = undefined;
    const { path: staging, lock, forget } = (await held) ?? {};
    if (staging !== undefined) await rm(staging, { recursive: true, force: true });
    forget?.();
    await lock?.release();
  }
}

export class UploadFolder implements AsyncDisposable {
  readonly path: string;
  readonly umask: number;
  readonly #leave: () => Promise<void>;

  constructor(path: string, umask: number, leave: () => Promise<void>) {
    this.path = path;
    this.umask = umask;
    this.#leave = leave;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await rm(this.path, { recursive: true, force: true });
    } finally {
      await this.#leave();
    }
  }
}

/** Removes staging folders left behind by killed processes. @throws OnionferryError ERR_DESTINATION */
export async function cleanInbox(directory: string): Promise<void> {
  try {
    for (const name of await readdir(directory)) {
      if (NAME.test(name)) await removeIfLeft(path.join(directory, name));
    }
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

async function removeIfLeft(staging: string): Promise<void> {
  // A link of this name is not ours.
  if (!(await lstat(staging)).isDirectory()) return;
  let lock: FileLock | undefined;
  try {
    lock = await tryLockFile(path.join(staging, LOCK_NAME), { create: false });
  } catch {
    // It has no lock yet, so it is empty or about to be locked. If it is not removed here, the next
    // start tries again.
    await rmdir(staging).catch(() => undefined);
    return;
  }
  if (lock === undefined) return;
  await rm(staging, { recursive: true, force: true });
  await lock.release();
}

async function makeHeld(directory: string): Promise<HeldFolder> {
  for (let tries = 0; tries < TRIES; tries++) {
    const staging = path.join(
      directory,
      `.onionferry-inbox-${randomBytes(6).toString('hex')}.part`,
    );
    await mkdir(staging, { mode: 0o777 });
    const forget = removeAtExit(staging);
    const { mode } = await stat(staging);
    await chmod(staging, 0o700);
    const lockPath = path.join(staging, LOCK_NAME);
    // Fails if another process has just removed the folder; then the next try makes a new one.
    const lock = await tryLockFile(lockPath).catch(() => undefined);
    if (lock !== undefined && (await isThere(lockPath))) {
      return { path: staging, umask: 0o777 & ~mode, lock, forget };
    }
    forget();
    await lock?.release();
  }
  throw new OnionferryError('ERR_DESTINATION', `cannot write ${directory}: it is being cleaned`);
}

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
