/** Over the whole. */
const TOTAL_WINDOW_MS = 1_000;
/** Of one circuit: at a hundred kilobytes a second it brings ten pieces in this time. */
const EACH_WINDOW_MS = 3_000;

export interface CircuitSample {
  readonly now: number;
  /** Bytes that came over all streams since the beginning. */
  readonly bytes: number;
  /** What is still to come; null if nobody knows. */
  readonly missing: number | null;
  /** Live streams, oldest first, with what came over each. */
  readonly streams: readonly { number: number; since: number; bytes: number }[];
}

export interface CircuitRate {
  readonly number: number;
  readonly ageMs: number;
  /** Bytes a second. */
  readonly rate: number;
}

/** What circuits have carried of late. */
export class CircuitRates {
  readonly #history: CircuitSample[] = [];

  note(sample: CircuitSample): void {
    this.#history.push(sample);
    while ((this.#history[1]?.now ?? sample.now) <= sample.now - EACH_WINDOW_MS) {
      this.#history.shift();
    }
  }

  /** Bytes a second over all circuits, those that have ended included. */
  get total(): number {
    const last = this.#history.at(-1);
    const first = this.#history.find(({ now }) => now >= (last?.now ?? 0) - TOTAL_WINDOW_MS);
    if (first === undefined || last === undefined || last.now === first.now) return 0;
    return ((last.bytes - first.bytes) * 1000) / (last.now - first.now);
  }

  /** Of those that live, slowest first. */
  get each(): CircuitRate[] {
    const [first] = this.#history;
    const last = this.#history.at(-1);
    if (first === undefined || last === undefined || last.now === first.now) return [];
    const before = new Map(first.streams.map(({ number, bytes }) => [number, bytes]));
    const seconds = (last.now - first.now) / 1000;
    return last.streams
      .map(({ number, since, bytes }) => {
        const rate = (bytes - (before.get(number) ?? 0)) / seconds;
        return { number, ageMs: last.now - since, rate };
      })
      .sort((a, b) => a.rate - b.rate);
  }
}
