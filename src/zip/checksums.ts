import { untilAborted } from '../base/deadline.js';

/** Some 150 bytes each; beyond it the oldest ones are forgotten. */
const CHECKSUMS_MAX = 500_000;
/** Readings that go on when nobody waits any more: whoever gave up comes back for the rest. */
const LEFT_MAX = 2;

/** CRC-32 of files by their identity, so that no file is read for it twice. */
export class Checksums {
  readonly #known = new Map<string, number>();
  readonly #running = new Map<string, Running>();
  /** Those for which nobody waits, the oldest first */
  readonly #left = new Set<Running>();
  readonly #signal: AbortSignal | undefined;

  /** @param signal ends all reading */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

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
   * same reading.
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
    this.#left.delete(running);
    try {
      return await untilAborted(running.result, signal);
    } finally {
      running.waiting--;
      if (running.waiting === 0 && this.#running.get(identity) === running) this.#leave(running);
    }
  }

  #start(identity: string, read: (signal: AbortSignal) => Promise<number>): Running {
    const ending = new AbortController();
    const signals = this.#signal === undefined ? [] : [this.#signal];
    const running: Running = {
      identity,
      ending,
      waiting: 0,
      result: read(AbortSignal.any([ending.signal, ...signals])).then((crc32) => {
        this.note(identity, crc32);
        return crc32;
      }),
    };
    const end = (): void => {
      this.#left.delete(running);
      if (this.#running.get(identity) === running) this.#running.delete(identity);
    };
    running.result.then(end, end);
    this.#running.set(identity, running);
    return running;
  }

  #leave(running: Running): void {
    this.#left.add(running);
    for (const oldest of this.#left) {
      if (this.#left.size <= LEFT_MAX) return;
      this.#left.delete(oldest);
      this.#running.delete(oldest.identity);
      oldest.ending.abort(new Error('nobody waits for it'));
    }
  }
}

interface Running {
  readonly identity: string;
  readonly ending: AbortController;
  readonly result: Promise<number>;
  waiting: number;
}
