import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemCode } from '../base/system-error.js';

const ABSENT: readonly string[] = ['ENOENT', 'ENOTDIR'];

/**
 * Makes a folder, and what is missing above it. Node's `mkdir` with `recursive` never returns where
 * the system says ENOENT below a folder that is there, as Linux does in /proc.
 *
 * @param mode of each folder that is made, before the umask
 * @returns the topmost folder that was made; undefined if none was missing
 * @throws the system's error; EEXIST if something else is there
 */
export async function makeFolders(path: string, mode = 0o777): Promise<string | undefined> {
  const above = dirname(path);
  try {
    await mkdir(path, { mode });
    return path;
  } catch (error) {
    const code = systemCode(error);
    // What is there cannot be looked at: to say that it is there would mislead.
    const instead = (reason: unknown): never => {
      throw code === 'EEXIST' ? reason : error;
    };
    if (await isFolder(path).catch(instead)) return undefined;
    if (code !== 'ENOENT' || above === path) throw error;
  }
  const first = await makeFolders(above, mode);
  await mkdir(path, { mode }).catch(async (error: unknown) => {
    // Another process may have made it meanwhile.
    if (!(await isFolder(path))) throw error;
  });
  return first ?? path;
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (ABSENT.includes(systemCode(error) ?? '')) return false;
    throw error;
  }
}
