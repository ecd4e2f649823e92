import { randomBytes } from 'node:crypto';
import { type FileHandle, link, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Creates `path`, mode 0600, with all of `content` or not at all, also when the machine loses its
 * power, and never in place of another file.
 *
 * @throws the system's error; EEXIST if something is there
 */
export async function createFile(path: string, content: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeDurably(await open(temporary, 'wx', 0o600), content);
    await linkOrCreate(temporary, path, content);
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
  await syncDirectory(dirname(path));
}

/** A link, unlike a rename, does not replace what is there. */
async function linkOrCreate(temporary: string, path: string, content: string): Promise<void> {
  try {
    await link(temporary, path);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') throw error;
    // FAT and some network drives have no links. What a crash leaves there is refused as broken.
    await writeDurably(await open(path, 'wx', 0o600), content);
  }
}

async function writeDurably(file: FileHandle, content: string): Promise<void> {
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Without it the file's name may be lost with the power. Not every system can. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r').catch(() => undefined);
  await directory?.sync().catch(() => undefined);
  await directory?.close();
}
