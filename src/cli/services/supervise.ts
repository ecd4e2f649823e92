import { sleep } from '../../base/deadline.js';
import { type ErrorCode, hasCode, OnionferryError } from '../../base/errors.js';
import { secondsText } from '../../base/quantities.js';
import { failureOf } from '../failure.js';

/** Before a service that failed is started again: twice as long each time, up to the latter. */
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 5 * 60_000;
/** One that has run so long did not fail at its start: the wait begins anew. */
const SOUND_MS = 10 * 60_000;

/**
 * The shared tor has ended for good. The other errors of tor, such as ERR_TOR_PUBLISH, may be those of
 * one service; if tor is gone nevertheless, the next start says so by one of these.
 */
const TOR_IS_OVER: readonly ErrorCode[] = [
  ...(['ERR_TOR_MISSING', 'ERR_TOR_TOO_OLD', 'ERR_TOR_INSTALL', 'ERR_TOR_TRANSPORT'] as const),
  ...(['ERR_TOR_START', 'ERR_TOR_BOOTSTRAP', 'ERR_TOR_DIED'] as const),
];

export type ServiceState = 'starting' | 'online' | 'failing' | 'ended' | 'failed';

export interface Supervised {
  /** Runs it once, to its end. */
  readonly run: (onOnline: () => void) => Promise<void>;
  readonly onState: (state: ServiceState) => void;
  /** It has failed, and is started again. */
  readonly onFailure: (error: OnionferryError, what: string) => void;
  /** Nothing is started again once it aborts. */
  readonly ending: AbortSignal;
  /** For tests. */
  readonly firstWaitMs?: number;
}

/**
 * Runs a service again and again until it ends by itself or `ending` aborts.
 *
 * @returns whether it ended as it should
 * @throws OnionferryError if tor has ended for good, with which no service can go on
 */
export async function supervise(service: Supervised): Promise<boolean> {
  const { run, onState, onFailure, ending, firstWaitMs = FIRST_WAIT_MS } = service;
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
    const startedAt = performance.now();
    onState('starting');
    try {
      await run(() => onState('online'));
      onState('ended');
      return true;
    } catch (error) {
      const failure = failureOf(error);
      if (failure === undefined || ending.aborted) {
        onState('ended');
        return true;
      }
      if (TOR_IS_OVER.includes(failure.code)) throw failure;
      // It would be the same each time.
      if (failure.kind === 'usage' || hasCode(failure, 'ERR_ONION_CLIENT_AUTH')) {
        onFailure(failure, 'it is not started again');
        onState('failed');
        return false;
      }
      if (performance.now() - startedAt > SOUND_MS) waitMs = firstWaitMs;
      onState('failing');
      const wait = secondsText(Math.max(1, Math.round(waitMs / 1000)));
      onFailure(failure, `it is started again in ${wait}`);
      const isOver = await sleep(waitMs, ending).then(
        () => false,
        () => true,
      );
      if (isOver) {
        onState('ended');
        return true;
      }
    }
  }
}

/**
 * Says how the program ends when all its services have.
 *
 * @param areWell what `supervise` has returned for each
 * @param signal of the program; one that a service manager has ended did what it should, whatever a
 *   service did before
 * @throws OnionferryError ERR_INTERRUPTED if a person has given up, ERR_INTERNAL if a service failed
 */
export function assertWell(areWell: readonly boolean[], signal: AbortSignal): void {
  if (hasCode(signal.reason, 'ERR_INTERRUPTED')) throw signal.reason;
  if (!signal.aborted && areWell.includes(false)) {
    throw new OnionferryError('ERR_INTERNAL', 'a service could not be run; see above');
  }
}
