import { untilAborted } from '../../base/deadline.js';

/** Some 150 bytes each; beyond it the oldest ones are forgotten. */
const CHECKSUMS_MAX = 500_000;

/** CRC-32 of files by their identity, so that no file is read for it twice. */
export class Checksums {
  readonly #known = new Map<string, number>();
  readonly #running = new Map<string, Running>();

  known(identity: string): number | undefined {
    return this.#known.get(identity);
  }

  note(identity: string, crc32: number): void {
    this.#known.set(identity, crc32);
    if (this.#known.size <= CHECKSUMS_MAX) return;
    for (const oldest of this.#known.keys()) {
      this.#known.delete(oldest);
      return;
    }
  }

  /**
   * The one that is known, or what `read` finds. Who asks for the same meanwhile waits for the
   * same reading, which ends when nobody waits any more.
   */
  async of(
    identity: string,
    read: (signal: AbortSignal) => Promise<number>,
    signal: AbortSignal,
  ): Promise<number> {
    const known = this.#known.get(identity);
    if (known !== undefined) return known;
    const running = this.#running.get(identity) ?? this.#start(identity, read);
    running.waiting++;
    try {
      return await untilAborted(running.result, signal);
    } finally {
      running.waiting--;
      if (running.waiting === 0) this.#end(identity, running);
    }
  }

  #start(identity: string, read: (signal: AbortSignal) => Promise<number>): Running {
    const ending = new AbortController();
    const result = read(ending.signal).then((crc32) => {
      this.note(identity, crc32);
      return crc32;
    });
    result.catch(() => undefined);
    const running = { ending, result, waiting: 0 };
    this.#running.set(identity, running);
    return running;
  }

  #end(identity: string, running: Running): void {
    running.ending.abort(new Error('nobody waits for it'));
    if (this.#running.get(identity) === running) this.#running.delete(identity);
  }
}

interface Running {
  readonly ending: AbortController;
  readonly result: Promise<number>;
  waiting: number;
}
