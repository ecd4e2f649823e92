import { open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolders } from './make-folders.js';
import { isUnsupported } from './unsupported.js';
import { unwritable } from './unwritable.js';

/**
 * Makes the names in a folder durable (POSIX fsync of the directory), where the system can.
 *
 * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
 */
export async function syncFolder(directory: string): Promise<void> {
  await syncNames(directory).catch((cause: unknown) => {
    throw unwritable(directory, cause);
  });
}

/** As `syncFolder`. @throws the system's error */
export async function syncNames(directory: string): Promise<void> {
  if (process.platform === 'win32') return; // has no such call, and needs none
  try {
    const handle = await open(directory, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    // Also a folder that this user may write but not read.
    if (!isUnsupported(error)) throw error;
  }
}

/**
 * Makes a folder, and what is missing above it, durably.
 *
 * @param directory absolute
 * @throws OnionferryError ERR_DESTINATION, ERR_DISK_FULL
 */
export async function makeFolder(directory: string): Promise<void> {
  try {
    await syncAbove(directory, await makeFolders(directory));
  } catch (cause) {
    throw unwritable(directory, cause);
  }
}

/**
 * Makes the names durable that `makeFolders` has made.
 *
 * @param first what it returned: the topmost of them
 * @throws the system's error
 */
export async function syncAbove(directory: string, first: string | undefined): Promise<void> {
  if (first === undefined) return;
  // A path that is not absolute ends at the working directory, which is its own parent.
  for (let made = directory; made.length >= first.length && made !== dirname(made); ) {
    made = dirname(made);
    await syncNames(made);
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
