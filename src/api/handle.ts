import { EventEmitter, setMaxListeners } from 'node:events';
import { asOnionferryError, hasCode, OnionferryError } from '../base/errors.js';
import type { EventName, FerryEvent } from './events.js';

/** A running call: its events, its result, and how to end it. */
export interface Handle<Summary> extends AsyncDisposable {
  on<Name extends EventName>(
    name: Name,
    listener: (event: Extract<FerryEvent, { event: Name }>) => void,
  ): this;
  /** Every event, in order. */
  onEvent(listener: (event: FerryEvent) => void): this;
  /**
   * Rejects with an OnionferryError; after `close()` or an abort with ERR_INTERRUPTED, after
   * `suspend()` with ERR_SUSPENDED.
   */
  readonly done: Promise<Summary>;
  /**
   * Ends the call, as a person who gives up does, and resolves when nothing of it is left: what a
   * transfer has received so far is removed, and the other side is told that it is over.
   */
  close(): Promise<void>;
  /**
   * Ends the call so that a later one can resume it, and resolves when nothing of it runs: what a
   * transfer has received is kept, and the other side is told to wait. What has nothing to resume
   * (`share`, `inbox`, `site`, `serve`, `relay`, and `send` with `withKeep` that serves nobody) just
   * ends, and `done` resolves. An abort whose reason is `suspended()` does the same.
   */
  suspend(): Promise<void>;
}

/** What the work of a verb is given. */
export interface Work {
  readonly emit: (event: FerryEvent) => void;
  readonly signal: AbortSignal;
}

/** What `suspend()` aborts with; for signals that are to suspend instead of giving up. */
export function suspended(): OnionferryError {
  return new OnionferryError('ERR_SUSPENDED', 'suspended; what can be resumed is kept');
}

/**
 * What a service comes to: its own result, or what it has done `soFar` if it is suspended with
 * nothing to resume. A transfer that can be resumed throws an error of its own for that.
 */
export async function untilSuspended<Summary>(
  { signal }: Work,
  service: Promise<Summary>,
  soFar: () => Summary,
): Promise<Summary> {
  try {
    return await service;
  } catch (error) {
    if (hasCode(error, 'ERR_SUSPENDED') && error === signal.reason) return soFar();
    throw error;
  }
}

const ANY = Symbol('any event');

/**
 * Runs `work` and returns its handle. The work starts in the next turn, so that the caller can add
 * listeners first; it must leave nothing behind when it ends.
 */
export function start<Summary>(
  work: (work: Work) => Promise<Summary>,
  signal?: AbortSignal,
): Handle<Summary> {
  const events = new EventEmitter();
  const ending = new AbortController();
  // One for each download and upload that runs, besides our own.
  setMaxListeners(0, ending.signal);
  const end = (reason: unknown): void => {
    const isSuspension = hasCode(reason, 'ERR_SUSPENDED');
    ending.abort(isSuspension ? reason : new OnionferryError('ERR_INTERRUPTED', 'interrupted'));
  };
  const interrupt = (): void => end(signal?.reason);
  signal?.addEventListener('abort', interrupt, { once: true });
  if (signal?.aborted === true) interrupt();
  const emit = (event: FerryEvent): void => {
    events.emit(event.event, event);
    events.emit(ANY, event);
  };
  const done = run();
  // A caller that only listens to events does not await `done`; that must not end its process.
  done.catch(() => undefined);

  async function run(): Promise<Summary> {
    await new Promise(setImmediate);
    try {
      ending.signal.throwIfAborted();
      return await work({ emit, signal: ending.signal });
    } catch (error) {
      const first = firstOf(error);
      // A transfer that was suspended says how to resume it.
      const isOwnWord = hasCode(first, 'ERR_SUSPENDED');
      throw ending.signal.aborted && !isOwnWord
        ? asOnionferryError(ending.signal.reason, 'ERR_INTERRUPTED', 'interrupted')
        : asOnionferryError(first, 'ERR_INTERNAL', 'something unexpected failed');
    } finally {
      signal?.removeEventListener('abort', interrupt);
    }
  }

  return {
    done,
    on(name, listener) {
      events.on(name, listener);
      return this;
    },
    onEvent(listener) {
      events.on(ANY, listener);
      return this;
    },
    async close(): Promise<void> {
      end(undefined);
      // How it ended is for those who await `done`.
      await Promise.allSettled([done]);
    },
    async suspend(): Promise<void> {
      end(suspended());
      await Promise.allSettled([done]);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await this.close();
    },
  };
}

/** What failed first: `await using` wraps it in whatever failed while closing. */
function firstOf(error: unknown): unknown {
  const isSuppressing =
    error instanceof Error && error.name === 'SuppressedError' && 'suppressed' in error;
  return isSuppressing ? firstOf(error.suppressed) : error;
}
