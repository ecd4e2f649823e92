/**
 * How far back the estimate looks. Shorter, and one late acknowledgement looks like a slow circuit;
 * longer, and a circuit that has become slow keeps getting what a fast one should carry.
 */
const MEMORY_SECONDS = 1.5;
/** Bytes per second taken for granted of a stream nobody has seen work: what a poor circuit carries. */
const UNPROVEN_RATE: number = 256 * 1024;
/** How much that assumption weighs, against 1 for a full memory: the first real second outweighs it. */
const UNPROVEN_WEIGHT = 0.1;
/**
 * Acknowledgements come in lumps, and a circuit's round trip may take this long: no news yet. After
 * twice this time nothing is left of the estimate.
 */
const PATIENCE_SECONDS = 1;
/** A stream that holds bytes and acknowledges none for this long counts as stalled. */
const STALLED_SECONDS = 5;

/**
 * How fast one stream carries bytes, as its acknowledgements tell.
 *
 * What an acknowledgement confirms is spread evenly over the time since the one before; time in
 * which the stream held nothing does not count, so that an idle stream does not look slow.
 */
export class StreamRate {
  #weighted: number = UNPROVEN_RATE * UNPROVEN_WEIGHT;
  #weight = UNPROVEN_WEIGHT;
  /** When the stream last gave a sign of life, or was given something to do. */
  #since: number;

  constructor(now: number) {
    this.#since = now;
  }

  /** The stream, which held nothing, was given bytes. */
  start(now: number): void {
    this.#since = now;
  }

  acknowledged(bytes: number, now: number): void {
    const seconds = Math.max(0, now - this.#since) / 1000;
    const kept = Math.exp(-seconds / MEMORY_SECONDS);
    // The limit for no time at all, where the quotient is not defined.
    const gained = seconds === 0 ? bytes / MEMORY_SECONDS : (bytes / seconds) * (1 - kept);
    this.#weighted = this.#weighted * kept + gained;
    this.#weight = this.#weight * kept + (1 - kept);
    this.#since = now;
  }

  /**
   * Bytes per second of a stream whose next acknowledgement is of `next` bytes (0: it holds
   * nothing). If that has been due for a while, the stream is no faster than if it came just now.
   */
  at(now: number, next: number): number {
    const estimate = this.#weighted / this.#weight;
    const waited = (now - this.#since) / 1000;
    if (next === 0 || waited <= PATIENCE_SECONDS) return estimate;
    if (waited >= STALLED_SECONDS) return 0;
    const trusted = estimate * Math.max(0, 2 * PATIENCE_SECONDS - waited);
    return Math.min(estimate, Math.max(next, trusted) / waited);
  }
}
