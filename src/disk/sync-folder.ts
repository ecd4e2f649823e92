import { open } from 'node:fs/promises';
import { systemCode } from '../base/system-error.js';
import { unwritable } from './unwritable.js';

/** A folder that this user may write but not read, and file systems that cannot sync a folder. */
const CANNOT: ReadonlySet<string | undefined> = new Set([
  'EACCES',
  'EPERM',
  'EINVAL',
  'ENOSYS',
  'ENOTSUP',
  'EOPNOTSUPP',
]);

/**
 * Makes the names in a folder durable (POSIX fsync of the directory), where the system can.
 *
 * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
 */
export async function syncFolder(directory: string): Promise<void> {
  if (process.platform === 'win32') return; // has no such call, and needs none
  try {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (!CANNOT.has(systemCode(cause))) throw unwritable(directory, cause);
  }
}

/** Syncs one folder for many callers: calls during a sync share the next one. */
export class FolderSync {
  readonly #directory: string;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  sync(): Promise<void> {
    if (this.#running === undefined) return this.#run();
    const again = (): Promise<void> => {
      this.#next = undefined;
      return this.#run();
    };
    // A failed sync was told to those who called for it.
    this.#next ??= this.#running.then(again, again);
    return this.#next;
  }

  #run(): Promise<void> {
    const running = syncFolder(this.#directory).finally(() => {
      if (this.#running === running) this.#running = undefined;
    });
    this.#running = running;
    return running;
  }
}
