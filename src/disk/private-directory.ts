import { chmod, lstat, mkdir } from 'node:fs/promises';

/**
 * Makes `path`, and what is missing above it, for this user alone (mode 0700).
 *
 * @throws Error if it cannot be made, is something else, or belongs to another user
 */
export async function makePrivateDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const found = await lstat(path);
  if (!found.isDirectory()) throw new Error(`${path} is not a directory`);
  const uid = process.getuid?.();
  if (uid === undefined) return; // Windows: the user's profile is private by its own means
  if (found.uid !== uid) throw new Error(`${path} belongs to another user`);
  if ((found.mode & 0o077) !== 0) await chmod(path, 0o700);
}
