import { OnionferryError } from './errors.js';

/** A signal that owns a timer; dispose of it when the work it guards has ended. */
export interface Deadline extends Disposable {
  readonly signal: AbortSignal;
  /** Starts the timer over: it aborts after this many milliseconds from now. */
  extend(ms: number): void;
}

/**
 * Aborts after `ms`, or earlier with the parent's own reason.
 *
 * @param reason makes the error of the abort, or is the sentence of an ERR_TIMEOUT
 *
 * AbortSignal.timeout would not do: its timer cannot be ended early, and its reason is fixed.
 */
export function deadline(
  ms: number,
  reason: string | (() => OnionferryError),
  parent?: AbortSignal,
): Deadline {
  const controller = new AbortController();
  const expire = (): void =>
    controller.abort(
      typeof reason === 'string' ? new OnionferryError('ERR_TIMEOUT', reason) : reason(),
    );
  let timer = setTimeout(expire, ms);
  const follow = (): void => controller.abort(parent?.reason);
  if (parent?.aborted === true) follow();
  else parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    extend(more): void {
      clearTimeout(timer);
      timer = setTimeout(expire, more);
    },
    [Symbol.dispose](): void {
      clearTimeout(timer);
      parent?.removeEventListener('abort', follow);
    },
  };
}

/** Waits `ms`. @throws the signal's reason if it aborts first */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      clearTimeout(timer);
      reject(reasonOf(signal));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', abort);
      resolve();
    }, ms);
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

/** Settles as `promise` does, or rejects with the signal's reason as soon as that aborts. */
export function untilAborted<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (signal === undefined) return promise;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(reasonOf(signal));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * Whether `promise` resolves within `ms`. No timer is left behind.
 *
 * @throws what `promise` rejects with before that; the signal's reason
 */
export async function within(
  promise: Promise<unknown>,
  ms: number,
  signal?: AbortSignal,
): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await untilAborted(Promise.race([promise.then(() => true), late]), signal);
  } finally {
    clearTimeout(timer);
  }
}

function reasonOf(signal: AbortSignal | undefined): Error {
  const reason: unknown = signal?.reason;
  return reason instanceof Error ? reason : new Error('aborted', { cause: reason });
}
