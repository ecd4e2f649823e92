import { randomBytes } from 'node:crypto';
import { chmod, link, lstat, open, rename, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../base/system-error.js';
import { makeFolders } from './make-folders.js';
import { NO_LINK, READ } from './open-flags.js';
import { syncAbove, syncNames } from './sync-folder.js';
import { isUnsupported } from './unsupported.js';

/*
 * Files and folders for this user alone: keys and records, which hold secrets. Everything here
 * throws the system's error.
 */

/**
 * Makes `path`, and what is missing above it, with mode 0700 and durably.
 *
 * @param path absolute
 * @throws Error if it cannot be made, is something else, or belongs to another user
 */
export async function makePrivateDirectory(path: string): Promise<void> {
  await syncAbove(path, await makeFolders(path, 0o700));
  const found = await lstat(path);
  if (!found.isDirectory()) throw new Error(`${path} is not a directory`);
  const uid = process.getuid?.();
  if (uid === undefined) return; // Windows: the user's profile is private by its own means
  if (found.uid !== uid) throw new Error(`${path} belongs to another user`);
  if ((found.mode & 0o077) !== 0) await chmod(path, 0o700);
}

/**
 * Writes a new file, mode 0600, and brings its content to the disk. Its name is safe only when the
 * folder has been synced as well, as `replaceFile` does for another file of the same folder.
 */
export async function writeNewFile(
  path: string,
  content: string | AsyncIterable<Uint8Array>,
): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    // Each goes on where the one before has ended.
    for await (const piece of typeof content === 'string' ? [content] : content) {
      await file.writeFile(piece);
    }
    await file.sync().catch((error: unknown) => {
      if (!isUnsupported(error)) throw error;
    });
  } finally {
    await file.close();
  }
}

/**
 * Creates a file with all of `content` or not at all, also if the machine loses power, and never in
 * place of another.
 *
 * @throws EEXIST if something is there
 */
export async function createFile(path: string, content: string): Promise<void> {
  await byTemporary(path, content, async (temporary) => {
    try {
      // Unlike a rename, a link does not replace what is there.
      await link(temporary, path);
    } catch (error) {
      if (systemCode(error) === 'EEXIST') throw error;
      // FAT and some network drives have no links. A file cut short by a crash is refused as broken.
      await writeOrRemove(path, content);
    }
    // The file is there: a second name of it that stays is no failure.
    await unlink(temporary).catch(() => undefined);
  });
}

async function writeOrRemove(path: string, content: string): Promise<void> {
  try {
    await writeNewFile(path, content);
  } catch (error) {
    // Of somebody else, if that is the failure.
    if (systemCode(error) !== 'EEXIST') await unlink(path).catch(() => undefined);
    throw error;
  }
}

/** Puts `content` in place of what is there: all of it or none, also if the machine loses power. */
export async function replaceFile(
  path: string,
  content: string | AsyncIterable<Uint8Array>,
): Promise<void> {
  await byTemporary(path, content, (temporary) => rename(temporary, path));
}

async function byTemporary(
  path: string,
  content: string | AsyncIterable<Uint8Array>,
  name: (temporary: string) => Promise<void>,
): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeNewFile(temporary, content);
    await name(temporary);
  } catch (error) {
    // The first failure is the one to tell; it may be that nothing was made.
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncNames(dirname(path));
}

/** Why a file is not read: somebody else could have read or replaced it, or it is something else. */
export type Exposure =
  | { readonly kind: 'not-a-file' | 'too-long' | 'of-another-user' }
  | { readonly kind: 'open-to-others'; readonly mode: number };

export class ExposedFile extends Error {
  readonly exposure: Exposure;

  constructor(exposure: Exposure) {
    super(`the file is ${exposure.kind.replaceAll('-', ' ')}`);
    this.exposure = exposure;
  }
}

/** @throws ExposedFile, or the system's error */
export async function readPrivateFile(path: string, bytesMax: number): Promise<string> {
  const file = await open(path, READ | NO_LINK);
  try {
    const found = await file.stat();
    if (!found.isFile()) throw new ExposedFile({ kind: 'not-a-file' });
    if (found.size > bytesMax) throw new ExposedFile({ kind: 'too-long' });
    const uid = process.getuid?.(); // Windows has none: mode bits say nothing about access there
    if (uid !== undefined && found.uid !== uid && found.uid !== 0) {
      throw new ExposedFile({ kind: 'of-another-user' });
    }
    const mode = found.mode & 0o777;
    if (uid !== undefined && (mode & 0o077) !== 0) {
      throw new ExposedFile({ kind: 'open-to-others', mode });
    }
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}
