import { untilAborted } from '../base/deadline.js';

/** Some 150 bytes each; the oldest ones are dropped. */
const CHECKSUMS_MAX = 500_000;
/** Reads that continue with nobody waiting: a client that gave up often comes back for the rest. */
const ABANDONED_MAX = 2;

/** CRC-32 of files by identity, so that no file is read twice for it. */
export class Checksums {
  readonly #known = new Map<string, number>();
  readonly #running = new Map<string, Running>();
  /** Those nobody waits for, oldest first */
  readonly #abandoned = new Set<Running>();
  readonly #signal: AbortSignal | undefined;

  /** @param signal ends all reads */
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

  /** The known checksum, or the result of `read`. Simultaneous requests for a file share one read. */
  async of(
    identity: string,
    read: (signal: AbortSignal) => Promise<number>,
    signal: AbortSignal,
  ): Promise<number> {
    const known = this.#known.get(identity);
    if (known !== undefined) return known;
    const running = this.#running.get(identity) ?? this.#start(identity, read);
    running.waiting++;
    this.#abandoned.delete(running);
    try {
      return await untilAborted(running.result, signal);
    } finally {
      running.waiting--;
      if (running.waiting === 0 && this.#running.get(identity) === running) this.#abandon(running);
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
      this.#abandoned.delete(running);
      if (this.#running.get(identity) === running) this.#running.delete(identity);
    };
    running.result.then(end, end);
    this.#running.set(identity, running);
    return running;
  }

  #abandon(running: Running): void {
    this.#abandoned.add(running);
    for (const oldest of this.#abandoned) {
      if (this.#abandoned.size <= ABANDONED_MAX) return;
      this.#abandoned.delete(oldest);
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
