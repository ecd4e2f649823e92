import type { EventName, FerryEvent } from './events.js';

type Listener = (event: FerryEvent) => void;

/**
 * Who hears the events of one call.
 *
 * What a listener throws is its owner's error: it is thrown again where nothing of the call is on
 * the stack, as an uncaught exception, and neither the other listeners nor the call notice.
 */
export class Listeners {
  readonly #ofName = new Map<EventName, Entry[]>();
  #ofAll: readonly Entry[] = [];
  readonly #readers = new Set<EventReader>();

  add(name: EventName, listener: Listener, once: boolean): void {
    this.#ofName.set(name, [...(this.#ofName.get(name) ?? []), { listener, once }]);
  }

  /** One registration of it, the latest first, as Node's emitters do. */
  remove(name: EventName, listener: Listener): void {
    this.#ofName.set(name, without(this.#ofName.get(name) ?? [], listener));
  }

  addOfAll(listener: Listener): void {
    this.#ofAll = [...this.#ofAll, { listener, once: false }];
  }

  removeOfAll(listener: Listener): void {
    this.#ofAll = without(this.#ofAll, listener);
  }

  emit(event: FerryEvent): void {
    for (const { listener, once } of this.#ofName.get(event.event) ?? []) {
      if (once) this.remove(event.event, listener);
      callApart(listener, event);
    }
    for (const { listener } of this.#ofAll) callApart(listener, event);
    for (const reader of this.#readers) reader.take(event);
  }

  /** @param done settles when there are no more events; the iterator then ends or throws as it does */
  read(done: Promise<unknown>): AsyncIterableIterator<FerryEvent> {
    const reader = new EventReader(done, () => this.#readers.delete(reader));
    this.#readers.add(reader);
    return reader;
  }
}

interface Entry {
  readonly listener: Listener;
  readonly once: boolean;
}

function without(entries: readonly Entry[], listener: Listener): Entry[] {
  const index = entries.findLastIndex((entry) => entry.listener === listener);
  return entries.filter((_, at) => at !== index);
}

/** Calls somebody else's function: what it throws becomes an uncaught exception. */
export function callApart<T>(listener: (value: T) => void, value: T): void {
  try {
    listener(value);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** The events of a `for await` loop, which may be slower than they come. */
class EventReader implements AsyncIterableIterator<FerryEvent> {
  readonly #unread: FerryEvent[] = [];
  readonly #onClose: () => void;
  #end: Promise<IteratorReturnResult<undefined>> | undefined;
  #wake: (() => void) | undefined;

  constructor(done: Promise<unknown>, onClose: () => void) {
    this.#onClose = onClose;
    const end = done.then(() => OVER);
    const ended = (): void => {
      this.#end = end;
      this.#wake?.();
    };
    // Who iterates is told.
    end.then(ended, ended);
  }

  take(event: FerryEvent): void {
    const last = this.#unread.at(-1);
    // Of progress that nobody has read yet only the latest counts; everything else is kept.
    const isNewer =
      last?.event === 'progress' &&
      event.event === 'progress' &&
      last.recipient === event.recipient;
    if (isNewer) this.#unread.pop();
    this.#unread.push(event);
    this.#wake?.();
  }

  async next(): Promise<IteratorResult<FerryEvent, undefined>> {
    for (;;) {
      const value = this.#unread.shift();
      if (value !== undefined) return { value, done: false };
      if (this.#end !== undefined) {
        this.#onClose();
        const end = this.#end;
        // Its error is thrown once; a loop that goes on after it has ended.
        this.#end = Promise.resolve(OVER);
        return await end;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** A loop that is left: the call goes on. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this.#unread.length = 0;
    this.#end = Promise.resolve(OVER);
    this.#onClose();
    return Promise.resolve(OVER);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const OVER: IteratorReturnResult<undefined> = { value: undefined, done: true };
