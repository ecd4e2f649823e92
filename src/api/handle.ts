import { EventEmitter } from 'node:events';
import { asOnionferryError, OnionferryError } from '../base/errors.js';
import type { EventName, FerryEvent } from './events.js';

/** A running call: its events, its result, and how to end it. */
export interface Handle<Summary> extends AsyncDisposable {
  on<Name extends EventName>(
    name: Name,
    listener: (event: Extract<FerryEvent, { event: Name }>) => void,
  ): this;
  /** Every event, in order. */
  onEvent(listener: (event: FerryEvent) => void): this;
  /** Rejects with an OnionferryError; after `close()` or an abort with ERR_INTERRUPTED. */
  readonly done: Promise<Summary>;
  /** Ends the call and resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** What the work of a verb is given. */
export interface Work {
  readonly emit: (event: FerryEvent) => void;
  readonly signal: AbortSignal;
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
  const interrupt = (): void => {
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'interrupted'));
  };
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
      throw ending.signal.aborted
        ? asOnionferryError(ending.signal.reason, 'ERR_INTERRUPTED', 'interrupted')
        : asOnionferryError(firstOf(error), 'ERR_INTERNAL', 'something unexpected failed');
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
      interrupt();
      // How it ended is for those who await `done`.
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
