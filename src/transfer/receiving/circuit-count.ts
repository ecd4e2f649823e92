/** Circuits of a transfer that decides by itself: these are dialled while the password is proved. */
export const CIRCUITS_START = 4;
/** Asked for at once where there is this much to carry: the first ones show what they carry meanwhile. */
const CIRCUITS_LARGE = 8;
const LARGE_BYTES: number = 16 * 1024 * 1024;
/**
 * The most that a transfer takes by itself. Each is window-limited, so that eight carry six times
 * what one does; beyond sixteen nothing was gained, and every circuit loads six relays of volunteers.
 */
export const CIRCUITS_DEFAULT_MAX = 16;
/** A circuit pays when there is so much to carry for each: about as long as it takes to build it. */
const BYTES_PER_CIRCUIT: number = 1024 * 1024;
/** Where there is this much to carry, it pays to have the next circuits ready before they are asked for. */
const AHEAD_BYTES: number = 64 * 1024 * 1024;
/** Not where circuits come at once. Over the real network each takes seconds, and growth waits for it. */
const SLOW_DIAL_MS = 500;
/** How long new circuits get at least to show what they carry: about a round trip. */
const SETTLE_MS = 500;
/** And at most: where each took long to dial, its window takes as long to open. */
const SETTLE_MAX_MS = 3_000;
/** The rate is that of so much time past. */
const RATE_WINDOW_MS = 1_000;
/** What more circuits must add to the total rate, or no more are tried. */
const GAIN = 1.1;
/** Near the end new circuits would come too late: they take seconds to build. */
const NEARLY_DONE_S = 5;
/** A circuit this old that carries less than this part of the median is replaced. */
const HOPELESS_AGE_MS = 10_000;
const HOPELESS_WINDOW_MS = 5_000;
const HOPELESS_PART = 0.1;
/** So often at most: a slow path may be nobody's fault. */
const REPLACE_EVERY_MS = 10_000;

export interface CircuitSample {
  readonly now: number;
  /** Bytes that came over all streams since the beginning. */
  readonly bytes: number;
  /** What is still to come; null if nobody knows. */
  readonly missing: number | null;
  /** Live streams, with what came over each. */
  readonly streams: readonly { number: number; since: number; bytes: number }[];
}

export interface CircuitDecision {
  readonly wanted: number;
  /** So many more may be wanted before they could be dialled. */
  readonly ahead: number;
  /** A stream that is not worth its circuit. */
  readonly hopeless?: number;
}

/**
 * Decides how many circuits carry a transfer: doubles them while that makes the whole faster, and
 * names those that hardly carry anything.
 */
export class CircuitCount {
  #fixed: number | undefined;
  readonly #history: CircuitSample[] = [];
  #wanted: number;
  #steadySince: number | undefined;
  /** Since when some that are wanted are being dialled. */
  #dialsSince: number | undefined;
  /** How long the last of those that were wanted took. */
  #dialTookMs = 0;
  #rateBefore = 0;
  #isGrowing = true;
  #replacedAt = Number.NEGATIVE_INFINITY;

  /** @param fixed what the user asked for; undefined lets it decide */
  constructor(fixed?: number) {
    this.#fixed = fixed;
    this.#wanted = fixed ?? CIRCUITS_START;
  }

  /** From now on so many. */
  fix(circuits: number): void {
    this.#fixed = circuits;
    this.#wanted = circuits;
  }

  decide(sample: CircuitSample): CircuitDecision {
    this.#remember(sample);
    const worthwhile = Math.max(1, Math.ceil((sample.missing ?? Infinity) / BYTES_PER_CIRCUIT));
    if (this.#fixed === undefined) this.#grow(sample, worthwhile);
    const wanted = Math.min(this.#wanted, this.#fixed ?? worthwhile);
    // What lives is not ended because there is less to do.
    const kept = Math.max(wanted, Math.min(sample.streams.length, this.#wanted));
    const hopeless = this.#hopeless(sample);
    this.#watchDials(sample);
    const ahead = this.#ahead(sample);
    return { wanted: kept, ahead, ...(hopeless !== undefined && { hopeless }) };
  }

  #remember(sample: CircuitSample): void {
    this.#history.push(sample);
    while ((this.#history[1]?.now ?? sample.now) < sample.now - HOPELESS_WINDOW_MS)
      this.#history.shift();
  }

  #grow({ now, missing, streams }: CircuitSample, worthwhile: number): void {
    if (this.#wanted < CIRCUITS_LARGE && (missing ?? 0) >= LARGE_BYTES) {
      this.#wanted = CIRCUITS_LARGE;
    }
    // What few carry, while more are still to come: against itself no rate would ever grow.
    if (streams.length <= CIRCUITS_START && streams.length < this.#wanted) {
      this.#rateBefore = this.#rate();
    }
    if (!this.#isGrowing || this.#wanted >= CIRCUITS_DEFAULT_MAX) return;
    if (streams.length < Math.min(this.#wanted, worthwhile)) {
      this.#steadySince = undefined;
      return;
    }
    this.#steadySince ??= now;
    const steadyMs = now - this.#steadySince;
    if (steadyMs < SETTLE_MS) return;
    const rate = this.#rate();
    // Where nothing comes, because the sender itself waits, nothing is learned.
    if (rate === 0 || this.#isNearlyDone(missing)) return;
    if (rate < this.#rateBefore * GAIN) {
      this.#isGrowing = steadyMs < Math.min(this.#dialTookMs, SETTLE_MAX_MS);
      return;
    }
    this.#rateBefore = rate;
    this.#wanted = Math.min(this.#wanted * 2, CIRCUITS_DEFAULT_MAX);
    this.#steadySince = undefined;
  }

  #watchDials({ now, streams }: CircuitSample): void {
    if (streams.length < this.#wanted) this.#dialsSince ??= now;
    else if (this.#dialsSince !== undefined) {
      this.#dialTookMs = now - this.#dialsSince;
      this.#dialsSince = undefined;
    }
  }

  /** What the next growth would ask for, if there is one. */
  #ahead({ now, missing }: CircuitSample): number {
    const isSlow = now - (this.#dialsSince ?? now) >= SLOW_DIAL_MS;
    const mayGrow = this.#fixed === undefined && this.#isGrowing;
    if (!isSlow || !mayGrow || (missing ?? 0) < AHEAD_BYTES) return 0;
    return Math.min(this.#wanted, CIRCUITS_DEFAULT_MAX - this.#wanted);
  }

  #isNearlyDone(missing: number | null): boolean {
    return missing !== null && missing < this.#rate() * NEARLY_DONE_S;
  }

  /** Bytes a second. */
  #rate(): number {
    const last = this.#history.at(-1);
    const first = this.#history.find(({ now }) => now >= (last?.now ?? 0) - RATE_WINDOW_MS);
    if (first === undefined || last === undefined || last.now === first.now) return 0;
    return ((last.bytes - first.bytes) * 1000) / (last.now - first.now);
  }

  #hopeless({ now, missing, streams }: CircuitSample): number | undefined {
    const [first] = this.#history;
    if (first === undefined || streams.length < 3 || this.#isNearlyDone(missing)) return undefined;
    if (now - this.#replacedAt < REPLACE_EVERY_MS || now - first.now < HOPELESS_WINDOW_MS / 2) {
      return undefined;
    }
    const before = new Map(first.streams.map(({ number, bytes }) => [number, bytes]));
    const carried = streams
      .map(({ number, since, bytes }) => {
        return { number, age: now - since, bytes: bytes - (before.get(number) ?? 0) };
      })
      .sort((a, b) => a.bytes - b.bytes);
    const median = carried[Math.floor(carried.length / 2)]?.bytes ?? 0;
    const worst = carried[0];
    if (worst === undefined || worst.age < HOPELESS_AGE_MS) return undefined;
    if (worst.bytes >= median * HOPELESS_PART) return undefined;
    this.#replacedAt = now;
    return worst.number;
  }
}
