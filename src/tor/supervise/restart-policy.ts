import { hasCode, OnionferryError } from '../../base/errors.js';

/** A tor that has run this long did not end because of how it was started. */
const STEADY_MS = 120_000;
/** A tor of our own that fails to run for STEADY_MS this often in a row is given up. */
const FAILURES_MAX = 5;
/** How long the owner of a tor that is not ours may take to restart it. */
const EXTERNAL_MS = 600_000;
const FIRST_PAUSE_MS = 500;
const PAUSE_MAX_MS = 10_000;
/** Before a tor that has found no network is started again. */
const NO_NETWORK_PAUSE_MS = 1_000;
/**
 * A tor without a network soon tries its relays only once a minute, and so misses the network's
 * return. It is replaced when it stays at one percentage for twice as long as it ever did at its
 * first start. A lost SYN is sent again after one and three seconds.
 */
const STALL_MIN_MS = 5_000;
const STALL_MAX_MS = 60_000;
/** The network may have become slower: after this many starts, one in four gets STALL_MAX_MS. */
const SHORT_STALLS = 30;
const LONG_STALL_EVERY = 4;

/** Decides how often, and after what pauses, a tor that has ended is restarted. */
export class RestartPolicy {
  readonly #isOurs: boolean;
  readonly #stallMs: number;
  readonly #now: () => number;
  #failures = 0;
  #attempts = 0;
  #hasNetwork = true;
  #startedAt: number;
  #awaySince: number | undefined;

  /**
   * @param longestStepMs the longest time that its first start stayed at one percentage
   * @param now a monotonic clock, in milliseconds
   */
  constructor(isOurs: boolean, longestStepMs: number, now: () => number = () => performance.now()) {
    this.#isOurs = isOurs;
    this.#stallMs = Math.min(Math.max(2 * longestStepMs, STALL_MIN_MS), STALL_MAX_MS);
    this.#now = now;
    this.#startedAt = now();
  }

  /** The restart has succeeded. */
  succeeded(): void {
    this.#startedAt = this.#now();
    this.#awaySince = undefined;
    this.#attempts = 0;
  }

  /** tor has ended, or a restart has failed. @throws OnionferryError ERR_TOR_DIED to give up */
  failed(error: OnionferryError): void {
    const now = this.#now();
    if (this.#awaySince === undefined) {
      this.#awaySince = now;
      if (now - this.#startedAt >= STEADY_MS) this.#failures = 0;
    }
    this.#attempts++;
    // A missing network is no fault of tor's.
    this.#hasNetwork = !hasCode(error, 'ERR_TOR_BOOTSTRAP');
    if (this.#hasNetwork) this.#failures++;
    const isHopeless = this.#isOurs
      ? this.#failures >= FAILURES_MAX
      : now - this.#awaySince >= EXTERNAL_MS;
    if (isHopeless) {
      const what = this.#isOurs ? 'tor does not stay up' : 'the running tor does not come back';
      throw new OnionferryError('ERR_TOR_DIED', `${what}: ${error.message}`, { cause: error });
    }
  }

  /** The pause before the next start. */
  pauseMs(): number {
    if (!this.#hasNetwork) return this.#attempts === 1 ? 0 : NO_NETWORK_PAUSE_MS;
    const count = this.#isOurs ? this.#failures : this.#attempts;
    return Math.min(FIRST_PAUSE_MS * 2 ** (count - 1), PAUSE_MAX_MS);
  }

  /** How long the next start may stay at one percentage. */
  get stallMs(): number {
    const isLong = this.#attempts > SHORT_STALLS && this.#attempts % LONG_STALL_EVERY === 0;
    return isLong ? STALL_MAX_MS : this.#stallMs;
  }
}
