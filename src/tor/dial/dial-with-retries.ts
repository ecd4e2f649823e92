import type { Socket } from 'node:net';
import { deadline, sleep, untilAborted } from '../../base/deadline.js';
import { asOnionferryError, hasCode, OnionferryError } from '../../base/errors.js';
import { DIAL_DEADLINE_MS, type DialOptions, dialOnion } from './dial-onion.js';
import { SocksRefusal } from './socks-refusal.js';

/**
 * A service that was restarted since tor looked it up may leave a dial without any answer, because
 * introduction points keep accepting for the one that is gone; with its new descriptor it is
 * reached in seconds. Each attempt may take half as long again as the last.
 */
const FIRST_ATTEMPT_MS = 15_000;
const ATTEMPT_GROWTH = 1.5;
const FIRST_PAUSE_MS = 500;
const PAUSE_MAX_MS = 15_000;
/** NEWNYM makes tor forget descriptors, but tor takes one only every ten seconds. */
const NEW_CIRCUITS_EVERY_MS = 10_000;

/** A SOCKS port that cuts off this often in a row is not that of a tor that has just restarted. */
const CUT_OFF_MAX = 4;

/** How long to retry a dial, and what to do between two attempts. */
export interface RetryOptions {
  /** For all attempts together. */
  readonly overallMs: number;
  /** For the first attempt; default FIRST_ATTEMPT_MS. */
  readonly firstAttemptMs?: number | undefined;
  /**
   * Tor.newCircuits of a tor that nobody else uses. tor asks a directory for a descriptor that it
   * did not have only every 15 minutes; this makes it ask again.
   */
  readonly newCircuits?: (() => Promise<void>) | undefined;
  /**
   * Tor.ready of a supervised tor: no attempt begins while tor restarts. Without it, an end of tor
   * ends the dial.
   */
  readonly ready?: ((signal: AbortSignal) => Promise<void>) | undefined;
  /** Called before each pause. */
  readonly onRetry?: ((error: OnionferryError, pauseMs: number) => void) | undefined;
}

/**
 * Dials until the service answers, as long as a later attempt may succeed.
 *
 * @param options is read again for each attempt, so that its getters can follow tor
 * @throws what dialOnion throws, once retrying does not help or time is up; the signal's reason
 */
export async function dialWithRetries(options: DialOptions & RetryOptions): Promise<Socket> {
  const { overallMs, newCircuits, ready, onRetry, deadlineMs = DIAL_DEADLINE_MS } = options;
  let last: OnionferryError | undefined;
  using limit = deadline(overallMs, () => last ?? outOfTime(overallMs), options.signal);
  let attemptMs = options.firstAttemptMs ?? FIRST_ATTEMPT_MS;
  let pauseMs = FIRST_PAUSE_MS;
  let renewedAt = Number.NEGATIVE_INFINITY;
  let cutOff = 0;
  for (;;) {
    await ready?.(limit.signal);
    try {
      const { socks, onion, port, isolation, first } = options;
      const attempt = { deadlineMs: Math.min(attemptMs, deadlineMs), signal: limit.signal };
      return await dialOnion({ socks, onion, port, isolation, first, ...attempt });
    } catch (error) {
      limit.signal.throwIfAborted();
      cutOff = hasCode(error, 'ERR_TOR_SOCKS') ? cutOff + 1 : 0;
      const hasLostTor = cutOff > 0 && cutOff <= CUT_OFF_MAX && ready !== undefined;
      if (!hasLostTor && !isTemporary(error)) throw error;
      last = asOnionferryError(error, 'ERR_INTERNAL', 'a dial failed');
    }
    // A pause ends when new circuits may be asked for.
    const untilRenewal = renewedAt + NEW_CIRCUITS_EVERY_MS - performance.now();
    const isAwaited = newCircuits !== undefined && untilRenewal > FIRST_PAUSE_MS;
    const pause = isAwaited ? Math.min(pauseMs, untilRenewal) : pauseMs;
    onRetry?.(last, pause);
    await sleep(pause, limit.signal);
    attemptMs *= ATTEMPT_GROWTH;
    pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
    if (newCircuits !== undefined && performance.now() - renewedAt >= NEW_CIRCUITS_EVERY_MS) {
      renewedAt = performance.now();
      await untilAborted(newCircuits(), limit.signal);
    }
  }
}

function isTemporary(error: unknown): boolean {
  return error instanceof SocksRefusal ? error.isTemporary : hasCode(error, 'ERR_TIMEOUT');
}

function outOfTime(ms: number): OnionferryError {
  return new OnionferryError(
    'ERR_TIMEOUT',
    `the onion service could not be reached within ${ms / 1000} seconds: check that the other side is still running`,
  );
}
