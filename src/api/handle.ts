import { EventEmitter } from 'node:events';
import { asOnionferryError, OnionferryError } from '../base/errors.js';
import type { EventName, FerryEvent } from './events.js';

/** Something under way: what it tells, how it ends, and how to end it. */
export interface Handle<Summary> extends AsyncDisposable {
  on<Name extends EventName>(
    name: Name,
    listener: (event: Extract<FerryEvent, { event: Name }>) => void,
  ): this;
  /** Every event, in order. */
  onEvent(listener: (event: FerryEvent) => void): this;
  /** Rejects with an OnionferryError: after `close()` or an abort with ERR_INTERRUPTED. */
  readonly done: Promise<Summary>;
  /** Ends everything that belongs to it; resolves when nothing is left. */
  close(): Promise<void>;
}

/** What a verb's work is given. */
export interface Work {
  readonly emit: (event: FerryEvent) => void;
  readonly signal: AbortSignal;
}

/**
 * Runs `work` and gives its handle. The work starts in the next turn, so that the caller has had
 * time to listen; it must leave nothing behind when it settles.
 */
export function start<Summary>(
  work: (work: Work) => Promise<Summary>,
  signal?: AbortSignal,
): Handle<Summary> {
  const events = new EventEmitter();
  const ending = new AbortController();
  const interrupted = (): void => {
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'interrupted'));
  };
  signal?.addEventListener('abort', interrupted, { once: true });
  if (signal?.aborted === true) interrupted();
  const emit = (event: FerryEvent): void => {
    events.emit(event.event, event);
    events.emit(ANY, event);
  };
  const done = run();
  // Whoever only listens to events must not end the process by not awaiting `done`.
  done.catch(() => undefined);

  async function run(): Promise<Summary> {
    await new Promise(setImmediate);
    try {
      ending.signal.throwIfAborted();
      return await work({ emit, signal: ending.signal });
    } catch (error) {
      throw ending.signal.aborted
        ? interruptedBy(ending.signal)
        : asOnionferryError(
            firstOf(error),
            'ERR_INTERNAL',
            'something failed that should not; this is a defect',
          );
    } finally {
      signal?.removeEventListener('abort', interrupted);
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
      interrupted();
      await done.catch(() => undefined);
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await this.close();
    },
  };
}

const ANY = Symbol('any event');

function interruptedBy(signal: AbortSignal): OnionferryError {
  return asOnionferryError(signal.reason, 'ERR_INTERRUPTED', 'interrupted');
}

/** What failed first: `await using` throws what fails while closing over that. */
function firstOf(error: unknown): unknown {
  const isSuppressing =
    error instanceof Error && error.name === 'SuppressedError' && 'suppressed' in error;
  return isSuppressing ? firstOf(error.suppressed) : error;
}
