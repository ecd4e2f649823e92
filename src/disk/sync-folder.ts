import { open } from 'node:fs/promises';

/** Makes names durable (POSIX fsync of the directory); Windows has no such call and needs none. */
export async function syncFolder(directory: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
