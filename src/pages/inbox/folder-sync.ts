import { syncFolder } from '../../disk/sync-folder.js';

/**
 * Makes the names in one folder durable (POSIX fsync of the directory). Calls during a sync share the
 * next one.
 */
export class FolderSync {
  readonly #directory: string;
  #running: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  sync(): Promise<void> {
    if (this.#running === undefined) return this.#run();
    this.#next ??= this.#running
      // Its own caller gets this error; later callers get the result of the next sync.
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.#run();
      });
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
