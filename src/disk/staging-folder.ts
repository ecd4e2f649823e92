import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rmdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isUnsupported } from './unsupported.js';
import { unwritable } from './unwritable.js';

/** A hidden folder beside the final place of what is written into it. */
export interface StagingFolder {
  readonly path: string;
  /** Permissions that this user gives to nobody, as the file system has just shown them. */
  readonly umask: number;
}

/** What a staging folder is for: for a transfer that may be resumed, or for an inbox's uploads. */
export type StagingKind = 'transfer' | 'inbox';

const PREFIXES = { transfer: '.onionferry-', inbox: '.onionferry-inbox-' } as const;
const RANDOM_BYTES = 6;

/** Whether a name is that of a staging folder. */
export function isStagingName(name: string, kind: StagingKind): boolean {
  return (
    name.startsWith(PREFIXES[kind]) &&
    /^[0-9a-f]{12}\.part$/.test(name.slice(PREFIXES[kind].length))
  );
}

/** @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL */
export async function makeStagingFolder(
  directory: string,
  kind: StagingKind,
): Promise<StagingFolder> {
  const path = join(directory, `${PREFIXES[kind]}${randomName()}.part`);
  try {
    const umask = await makeFolder(path);
    await closeToOthers(path).catch(removing(path));
    return { path, umask };
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

/** Where the file system knows permissions. @throws the system's error */
export async function closeToOthers(staging: string): Promise<void> {
  await chmod(staging, 0o700).catch((error: unknown) => {
    if (!isUnsupported(error)) throw error;
  });
}

/** The umask by a folder that is made and removed. @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL */
export async function probeUmask(directory: string): Promise<number> {
  // A name that is nobody else's, not even that of a process killed here.
  const probe = join(directory, `${PREFIXES.transfer}${randomName()}.mode`);
  try {
    const umask = await makeFolder(probe);
    await rmdir(probe);
    return umask;
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

async function makeFolder(path: string): Promise<number> {
  await mkdir(path, { mode: 0o777 });
  const { mode } = await stat(path).catch(removing(path));
  return 0o777 & ~mode;
}

/** Leaves no folder behind that is of no use. */
function removing(path: string): (error: unknown) => Promise<never> {
  return async (error) => {
    await rmdir(path).catch(() => undefined);
    throw error;
  };
}

function randomName(): string {
  return randomBytes(RANDOM_BYTES).toString('hex');
}
