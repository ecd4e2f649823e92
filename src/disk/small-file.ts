/**
 * Files up to this size are opened, read or written, and closed in one go without awaiting: for
 * them a hop to the thread pool costs more than the work itself.
 */
export const SMALL_FILE_BYTES: number = 64 * 1024;
/** Such files in one turn of the event loop, so that ten thousand of them block nothing else. */
const SMALL_FILES_A_TURN = 64;

/** Counts work done without awaiting, and tells when it is time to let other work run. */
export class Turns {
  #done = 0;

  /** Whether it is time to await `nextTurn()`. */
  count(): boolean {
    return ++this.#done % SMALL_FILES_A_TURN === 0;
  }
}

export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
