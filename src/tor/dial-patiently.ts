import type { Socket } from 'node:net';
import { deadline, sleep } from '../base/deadline.js';
import { hasCode, OnionferryError } from '../base/errors.js';
import { DIAL_DEADLINE_MS, type DialOptions, dialOnion } from './dial-onion.js';
import { SocksRefusal } from './socks/socks-refusal.js';

/**
 * A service that has been restarted since tor learnt of it may leave a dial without any answer,
 * where a fresh look would find it in seconds. Each attempt may take twice as long as the last.
 */
const FIRST_ATTEMPT_MS = 15_000;
const FIRST_PAUSE_MS = 500;
const PAUSE_MAX_MS = 15_000;
/** tor forgets at NEWNYM what it knows of services, but takes one only every ten seconds. */
const NEW_CIRCUITS_EVERY_MS = 10_000;

/** How long to go on, and what to do in between. */
export interface Patience {
  /** For all attempts together. */
  readonly overallMs: number;
  /**
   * Tor.newCircuits of a tor that is ours alone. tor asks a directory again for a descriptor it
   * lacked only after 15 minutes; this makes it forget that it asked.
   */
  readonly newCircuits?: (() => Promise<void>) | undefined;
  /** Told before each pause. */
  readonly onRetry?: ((error: OnionferryError, pauseMs: number) => void) | undefined;
}

export interface PatientDialOptions extends DialOptions, Patience {}

/**
 * Dials again and again while the service may only be starting, or the network recovering.
 *
 * @throws the last attempt's error once it is no passing one or time is up; the signal's reason
 */
export async function dialPatiently(options: PatientDialOptions): Promise<Socket> {
  const { overallMs, newCircuits, onRetry, deadlineMs = DIAL_DEADLINE_MS, ...dial } = options;
  let last: OnionferryError | undefined;
  using limit = deadline(overallMs, () => last ?? outOfTime(overallMs), options.signal);
  let attemptMs = FIRST_ATTEMPT_MS;
  let pauseMs = FIRST_PAUSE_MS;
  let renewed = Number.NEGATIVE_INFINITY;
  for (;;) {
    try {
      const attempt = { deadlineMs: Math.min(attemptMs, deadlineMs), signal: limit.signal };
      return await dialOnion({ ...dial, ...attempt });
    } catch (error) {
      limit.signal.throwIfAborted();
      if (!isPassing(error)) throw error;
      last = error;
    }
    onRetry?.(last, pauseMs);
    await sleep(pauseMs, limit.signal);
    attemptMs *= 2;
    pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
    if (newCircuits !== undefined && performance.now() - renewed >= NEW_CIRCUITS_EVERY_MS) {
      renewed = performance.now();
      await newCircuits();
    }
  }
}

function isPassing(error: unknown): error is OnionferryError {
  return error instanceof SocksRefusal ? error.isPassing : hasCode(error, 'ERR_TIMEOUT');
}

function outOfTime(ms: number): OnionferryError {
  return new OnionferryError(
    'ERR_TIMEOUT',
    `the onion service could not be reached within ${String(ms / 1000)} seconds: check that the other side is still running`,
  );
}
