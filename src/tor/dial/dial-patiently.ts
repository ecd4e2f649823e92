import type { Socket } from 'node:net';
import { deadline, sleep, untilAborted } from '../../base/deadline.js';
import { asOnionferryError, hasCode, OnionferryError } from '../../base/errors.js';
import { DIAL_DEADLINE_MS, type DialOptions, dialOnion } from './dial-onion.js';
import { SocksRefusal } from './socks/socks-refusal.js';

/**
 * A service that has been restarted since tor learnt of it may leave a dial without any answer,
 * where a fresh look would find it in seconds: introduction points go on to accept for the one that
 * is gone. Each attempt may take half as long again as the last.
 */
const FIRST_ATTEMPT_MS = 15_000;
const ATTEMPT_GROWTH = 1.5;
const FIRST_PAUSE_MS = 500;
const PAUSE_MAX_MS = 15_000;
/** tor forgets at NEWNYM what it knows of services, but takes one only every ten seconds. */
const NEW_CIRCUITS_EVERY_MS = 10_000;

/** A SOCKS port that breaks off so often in a row is not that of a tor that was just started again. */
const CUT_OFF_MAX = 4;

/** How long to go on, and what to do in between. */
export interface Patience {
  /** For all attempts together. */
  readonly overallMs: number;
  /** For the first of them; default 15 seconds. */
  readonly firstAttemptMs?: number | undefined;
  /**
   * Tor.newCircuits of a tor that is ours alone. tor asks a directory again for a descriptor it
   * lacked only after 15 minutes; this makes it forget that it asked.
   */
  readonly newCircuits?: (() => Promise<void>) | undefined;
  /**
   * Tor.ready of a tor that is started again when it has ended; until it is back, nothing is
   * dialled. Without it, an end of tor ends the dial.
   */
  readonly ready?: ((signal: AbortSignal) => Promise<void>) | undefined;
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
  const { overallMs, newCircuits, ready, onRetry, deadlineMs = DIAL_DEADLINE_MS } = options;
  let last: OnionferryError | undefined;
  using limit = deadline(overallMs, () => last ?? outOfTime(overallMs), options.signal);
  let attemptMs = options.firstAttemptMs ?? FIRST_ATTEMPT_MS;
  let pauseMs = FIRST_PAUSE_MS;
  let renewed = Number.NEGATIVE_INFINITY;
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
      if (!hasLostTor && !isPassing(error)) throw error;
      last = asOnionferryError(error, 'ERR_INTERNAL', 'a dial failed');
    }
    // The next fresh look is not slept through.
    const untilRenewal = renewed + NEW_CIRCUITS_EVERY_MS - performance.now();
    const isAwaited = newCircuits !== undefined && untilRenewal > FIRST_PAUSE_MS;
    const pause = isAwaited ? Math.min(pauseMs, untilRenewal) : pauseMs;
    onRetry?.(last, pause);
    await sleep(pause, limit.signal);
    attemptMs *= ATTEMPT_GROWTH;
    pauseMs = Math.min(pauseMs * 2, PAUSE_MAX_MS);
    if (newCircuits !== undefined && performance.now() - renewed >= NEW_CIRCUITS_EVERY_MS) {
      renewed = performance.now();
      await untilAborted(newCircuits(), limit.signal);
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
