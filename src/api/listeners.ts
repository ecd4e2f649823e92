import { type Deferred, deferred } from '../base/deferred.js';
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
  #end: End | undefined;

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

  /** Ends all loops over the events. @returns whether there was one, which throws `error` */
  end(error?: Error): boolean {
    this.#end = { error };
    const wasRead = this.#readers.size > 0;
    for (const reader of this.#readers) reader.end(this.#end);
    this.#readers.clear();
    return wasRead;
  }

  read(): AsyncIterableIterator<FerryEvent> {
    const reader = new EventReader(() => this.#readers.delete(reader));
    if (this.#end === undefined) this.#readers.add(reader);
    else reader.end(this.#end);
    return reader;
  }
}

/** How a call has ended. */
interface End {
  readonly error: Error | undefined;
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
  #end: End | undefined;
  /** Resolves at the next news, for all who wait. */
  #news: Deferred<undefined> | undefined;

  constructor(onClose: () => void) {
    this.#onClose = onClose;
  }

  end(end: End): void {
    this.#end ??= end;
    this.#tell();
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
    this.#tell();
  }

  async next(): Promise<IteratorResult<FerryEvent, undefined>> {
    for (;;) {
      const value = this.#unread.shift();
      if (value !== undefined) return { value, done: false };
      const end = this.#end;
      if (end !== undefined) {
        // Thrown once; a loop that goes on after it has ended.
        this.#end = { error: undefined };
        if (end.error !== undefined) throw end.error;
        return OVER;
      }
      this.#news ??= deferred();
      await this.#news.promise;
    }
  }

  /** A loop that is left: the call goes on. */
  return(): Promise<IteratorReturnResult<undefined>> {
    this.#unread.length = 0;
    this.end({ error: undefined });
    this.#onClose();
    return Promise.resolve(OVER);
  }

  #tell(): void {
    this.#news?.resolve(undefined);
    this.#news = undefined;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

const OVER: IteratorReturnResult<undefined> = { value: undefined, done: true };
