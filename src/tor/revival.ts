import { hasCode, OnionferryError } from '../base/errors.js';

/** A tor that has run so long has not ended because of how it was started. */
const STEADY_MS = 120_000;
/** A tor of our own that does not stay up for STEADY_MS so often in a row is given up. */
const FAILURES_MAX = 5;
/** So long its owner may take to restart a tor that is not ours. */
const EXTERNAL_MS = 600_000;
const FIRST_PAUSE_MS = 500;
const PAUSE_MAX_MS = 10_000;
/** A tor that was here a moment ago has what it needs on its disk: without progress, try afresh. */
const FIRST_STALL_MS = 20_000;
const STALL_MAX_MS = 60_000;

/** Decides how often, and after what pauses, a tor that has ended is started again. */
export class Revival {
  readonly #isOurs: boolean;
  readonly #now: () => number;
  #failures = 0;
  #attempts = 0;
  #startedAt: number;
  #awaySince: number | undefined;

  /** `now` in milliseconds that never go back. */
  constructor(isOurs: boolean, now: () => number = () => performance.now()) {
    this.#isOurs = isOurs;
    this.#now = now;
    this.#startedAt = now();
  }

  /** It is back. */
  succeeded(): void {
    this.#startedAt = this.#now();
    this.#awaySince = undefined;
    this.#attempts = 0;
  }

  /** It has ended, or could not be started. @throws OnionferryError ERR_TOR_DIED to give up */
  failed(error: OnionferryError): void {
    const now = this.#now();
    if (this.#awaySince === undefined) {
      this.#awaySince = now;
      if (now - this.#startedAt >= STEADY_MS) this.#failures = 0;
    }
    this.#attempts++;
    // Without a network, tor cannot help it.
    if (!hasCode(error, 'ERR_TOR_BOOTSTRAP')) this.#failures++;
    const isHopeless = this.#isOurs
      ? this.#failures >= FAILURES_MAX
      : now - this.#awaySince >= EXTERNAL_MS;
    if (isHopeless) {
      const what = this.#isOurs ? 'tor does not stay up' : 'the running tor does not come back';
      throw new OnionferryError('ERR_TOR_DIED', `${what}: ${error.message}`, { cause: error });
    }
  }

  /** Before the next start. */
  pauseMs(): number {
    const count = this.#isOurs ? this.#failures : this.#attempts;
    return Math.min(FIRST_PAUSE_MS * 2 ** Math.max(0, count - 1), PAUSE_MAX_MS);
  }

  /** How long the next start may stay at one percentage. */
  get stallMs(): number {
    return Math.min(FIRST_STALL_MS * this.#attempts, STALL_MAX_MS);
  }
}
