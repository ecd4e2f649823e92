/**
 * Circuits of a transfer that decides by itself. They are dialled while the password is proved, when
 * only the invitation hints at the size. Those that turn out not to pay are closed.
 */
export const CIRCUITS_START = 8;
/**
 * The most that a transfer takes by itself: each circuit carries a window a round trip, so that more
 * of them pay over long ways than over short ones. Every one loads six relays of volunteers.
 */
export const CIRCUITS_DEFAULT_MAX = 24;
export const CIRCUITS_NEAR_MAX = 16;
/** A circuit that takes this long to dial has a long way. */
export const SLOW_DIAL_MS = 1_500;
/** A circuit pays when there is this much for each to carry: about what takes as long as building it. */
const BYTES_PER_CIRCUIT: number = 1024 * 1024;
/**
 * Where there is this much to carry over a long way, all are asked for without waiting for what the
 * first bring: over the real network half of it would have arrived by then.
 */
export const MUCH_BYTES: number = 64 * 1024 * 1024;
/** The rate is measured over this time. */
const RATE_WINDOW_MS = 1_000;
/**
 * How long new circuits get at most to show what they carry: where each took long to dial, its window
 * takes as long to open.
 */
const SETTLE_MAX_MS = 3_000;
/** What has not come by then is no longer waited for. */
const TRIAL_MAX_MS = 15_000;
/** What more circuits must add to the total rate, or they are closed again. */
const GAIN = 1.1;
/** What is in flight on a circuit is lost when it is closed: done only if this much is still to come. */
const BYTES_PER_SURPLUS: number = 4 * 1024 * 1024;
/** Near the end new circuits would come too late: they take seconds to build. */
const NEARLY_DONE_S = 5;
/** A circuit this old that carries less than this part of the median is replaced. */
const HOPELESS_AGE_MS = 10_000;
const HOPELESS_WINDOW_MS = 5_000;
const HOPELESS_PART = 0.1;
/** At most this often: a slow path may be nobody's fault. */
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
  /** A stream that is not worth its circuit. */
  readonly hopeless?: number;
}

/** More circuits, asked for to see whether they make the whole faster. */
interface Trial {
  /** How many there were before. */
  readonly from: number;
  readonly since: number;
  /** The most that those carried, in bytes a second; undefined until they have had time for it. */
  rate: number | undefined;
  /** Since when all of those live, and no others. */
  fullSince: number | undefined;
}

/**
 * Decides how many circuits carry a transfer: doubles them while that makes the whole faster,
 * closes the last ones if they did not, and names those that hardly carry anything.
 */
export class CircuitCount {
  #fixed: number | undefined;
  readonly #history: CircuitSample[] = [];
  #wanted: number;
  #steadySince: number | undefined;
  /** Since when some that are wanted are being dialled. */
  #dialsSince: number | undefined;
  /** How long the last of those that were wanted took. */
  #dialTookMs: number;
  readonly #isFar: boolean;
  #trial: Trial | undefined;
  /** Fewer if some could not be dialled. */
  #most: number;
  #isGrowing = true;
  #replacedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param fixed what the user asked for; undefined lets it decide
   * @param dialMs how long the quickest of the first circuits took
   */
  constructor(fixed?: number, dialMs = 0) {
    this.#fixed = fixed;
    this.#dialTookMs = dialMs;
    this.#isFar = dialMs >= SLOW_DIAL_MS;
    this.#most = this.#isFar ? CIRCUITS_DEFAULT_MAX : CIRCUITS_NEAR_MAX;
    this.#wanted = fixed ?? CIRCUITS_START;
  }

  /** From now on this many. */
  fix(circuits: number): void {
    this.#fixed = circuits;
    this.#wanted = circuits;
  }

  decide(sample: CircuitSample): CircuitDecision {
    this.#remember(sample);
    const worthwhile = Math.max(1, Math.ceil((sample.missing ?? Infinity) / BYTES_PER_CIRCUIT));
    if (this.#fixed === undefined) this.#grow(sample, worthwhile);
    const wanted = Math.min(this.#wanted, this.#fixed ?? worthwhile);
    // Live streams are not ended because there is less to do.
    const kept = Math.max(wanted, Math.min(sample.streams.length, this.#wanted));
    const hopeless = this.#surplus(sample) ?? this.#hopeless(sample);
    this.#watchDials(sample);
    return { wanted: kept, ...(hopeless !== undefined && { hopeless }) };
  }

  #remember(sample: CircuitSample): void {
    this.#history.push(sample);
    while ((this.#history[1]?.now ?? sample.now) < sample.now - HOPELESS_WINDOW_MS)
      this.#history.shift();
  }

  #grow(sample: CircuitSample, worthwhile: number): void {
    if (!this.#isGrowing) return;
    const { now, missing, streams } = sample;
    this.#watchFewer(sample);
    if (streams.length < Math.min(this.#wanted, worthwhile)) {
      this.#steadySince = undefined;
      const isMuch = (missing ?? 0) >= MUCH_BYTES;
      if (this.#isFar && isMuch && this.#wanted < this.#most) this.#growTo(this.#most, now);
      this.#waitNoLonger(sample);
      return;
    }
    this.#steadySince ??= now;
    const steadyMs = now - this.#steadySince;
    const rate = this.#rate();
    // Where nothing comes, because the sender itself waits, nothing is learned.
    if (steadyMs < RATE_WINDOW_MS || rate === 0 || this.#isNearlyDone(missing)) return;
    const trial = this.#trial;
    if (trial?.rate === undefined || rate >= trial.rate * GAIN) {
      this.#trial = undefined;
      this.#isGrowing = this.#wanted < this.#most;
      if (this.#isGrowing) this.#growTo(Math.min(this.#wanted * 2, this.#most), now, rate);
    } else if (steadyMs >= Math.min(this.#dialTookMs, SETTLE_MAX_MS)) {
      this.#isGrowing = false;
      const surplus = streams.length - trial.from;
      if ((missing ?? Infinity) >= surplus * BYTES_PER_SURPLUS) this.#wanted = trial.from;
    }
  }

  /** If more are asked for before the last trial was judged, they are measured by its rate. */
  #growTo(streams: number, now: number, rate?: number): void {
    this.#trial ??= { from: this.#wanted, since: now, rate, fullSince: undefined };
    this.#wanted = streams;
    this.#steadySince = undefined;
  }

  /** Until others come, the first ones may still open their windows. */
  #watchFewer({ now, streams }: CircuitSample): void {
    const trial = this.#trial;
    if (trial === undefined) return;
    if (streams.length !== trial.from) {
      trial.fullSince = undefined;
      return;
    }
    trial.fullSince ??= now;
    if (now - trial.fullSince < RATE_WINDOW_MS) return;
    trial.rate = Math.max(trial.rate ?? 0, this.#rate());
  }

  /** Some may never come: a relay allows fewer, or a path is broken. */
  #waitNoLonger({ now, streams }: CircuitSample): void {
    if (this.#trial === undefined || now - this.#trial.since < TRIAL_MAX_MS) return;
    this.#most = Math.max(this.#trial.from, streams.length);
    this.#wanted = this.#most;
    this.#isGrowing = streams.length > this.#trial.from;
  }

  #watchDials({ now, streams }: CircuitSample): void {
    if (streams.length < this.#wanted) this.#dialsSince ??= now;
    else if (this.#dialsSince !== undefined) {
      this.#dialTookMs = now - this.#dialsSince;
      this.#dialsSince = undefined;
    }
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

  /** The newest of more than are wanted. */
  #surplus({ streams }: CircuitSample): number | undefined {
    return streams.length > this.#wanted ? streams.at(-1)?.number : undefined;
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
