import { statfs } from 'node:fs/promises';

/** Bytes that this user may still write to a folder's disk; undefined if the system does not tell. */
export async function freeSpace(directory: string): Promise<number | undefined> {
  // A folder that cannot be used shows that when it is written to.
  const found = await statfs(directory).catch(() => undefined);
  // A file system without a size, such as ramfs and some network drives.
  if (found === undefined || found.blocks === 0) return undefined;
  return found.bavail * found.bsize;
}
