import { setMaxListeners } from 'node:events';
import { type Deferred, deferred } from '../base/deferred.js';
import { asOnionferryError, hasCode, OnionferryError } from '../base/errors.js';
import type { EventName, FerryEvent, OnlineEvent } from './events.js';
import { callApart, Listeners } from './listeners.js';

/**
 * A running call: its events, its result, and how to end it.
 *
 * A failure is not silent. Unless somebody awaits `done` or `online`, iterates or listens for
 * `error`, it is an unhandled rejection. An end that was asked for (`close()`, `suspend()`, an abort)
 * is no failure.
 */
export interface Handle<Summary> extends AsyncDisposable, AsyncIterable<FerryEvent> {
  /**
   * Calls `listener` at each event of that name. What it throws is an uncaught exception of its own,
   * and does not disturb the call.
   */
  on<Name extends EventName>(name: Name, listener: ListenerOf<Name>): this;
  /** Calls `listener` when the call has failed, with what `done` rejects with. */
  on(name: 'error', listener: ErrorListener): this;
  /** As `on`, for the next event of that name alone. */
  once<Name extends EventName>(name: Name, listener: ListenerOf<Name>): this;
  /** As `on('error', …)`, once. */
  once(name: 'error', listener: ErrorListener): this;
  /** Takes back an `on` or `once`. */
  off<Name extends EventName>(name: Name, listener: ListenerOf<Name>): this;
  /** The same for `error`. */
  off(name: 'error', listener: ErrorListener): this;
  /** Calls `listener` at every event, in order. */
  onEvent(listener: (event: FerryEvent) => void): this;
  /** Takes back an `onEvent`. */
  offEvent(listener: (event: FerryEvent) => void): this;
  /**
   * Every event from now on, in order, until the call ends; throws what `done` rejects with. A slow
   * loop misses nothing, except that of progress only the latest is kept. Leaving the loop does not
   * end the call.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<FerryEvent>;
  /**
   * Resolves when everything is done and closed. Rejects with an OnionferryError: after `close()` or
   * an abort with ERR_INTERRUPTED, whose `cause` is the signal's reason, and after `suspend()` with
   * ERR_SUSPENDED.
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
  /** As `close()`, for `await using`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** The handle of a call that can be reached at an onion address. */
export interface OnlineHandle<Summary> extends Handle<Summary> {
  /**
   * Resolves as soon as the address can be reached, with the address and the invitation. Rejects as
   * `done` does, and with ERR_INTERRUPTED or ERR_SUSPENDED if the call was ended before.
   */
  readonly online: Promise<OnlineEvent>;
}

/** Hears events of one name. */
export type ListenerOf<Name extends EventName> = (
  event: Extract<FerryEvent, { event: Name }>,
) => void;

/** Hears that a call has failed. */
export type ErrorListener = (error: OnionferryError) => void;

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

type Running<Summary> = (work: Work) => Promise<Summary>;

/**
 * Runs `work` and returns its handle. The work starts in the next turn, so that the caller can add
 * listeners first; it must leave nothing behind when it ends.
 */
export function start<Summary>(work: Running<Summary>, signal?: AbortSignal): Handle<Summary> {
  return new Call(work, signal);
}

/** As `start`, for work that tells `online`. */
export function startOnline<Summary>(
  work: Running<Summary>,
  signal?: AbortSignal,
): OnlineHandle<Summary> {
  return new OnlineCall(work, signal);
}

class Call<Summary> implements Handle<Summary> {
  readonly done: Promise<Summary>;
  readonly #listeners = new Listeners();
  readonly #ofError = new Map<ErrorListener, 'always' | 'once'>();
  readonly #ending = new AbortController();

  constructor(work: Running<Summary>, signal: AbortSignal | undefined) {
    // One for each download and upload that runs, besides our own.
    setMaxListeners(0, this.#ending.signal);
    this.done = this.#run(work, signal);
  }

  on<Name extends EventName>(name: Name | 'error', listener: AnyListener<Name>): this {
    return this.#add(name, listener, 'always');
  }

  once<Name extends EventName>(name: Name | 'error', listener: AnyListener<Name>): this {
    return this.#add(name, listener, 'once');
  }

  off<Name extends EventName>(name: Name | 'error', listener: AnyListener<Name>): this {
    // As in #add.
    if (name === 'error') this.#ofError.delete(listener as ErrorListener);
    else this.#listeners.remove(name, listener as (event: FerryEvent) => void);
    return this;
  }

  onEvent(listener: (event: FerryEvent) => void): this {
    this.#listeners.addOfAll(listener);
    return this;
  }

  offEvent(listener: (event: FerryEvent) => void): this {
    this.#listeners.removeOfAll(listener);
    return this;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<FerryEvent> {
    return this.#listeners.read();
  }

  async close(): Promise<void> {
    this.#end(undefined);
    // How it ended is for those who await `done`.
    await Promise.allSettled([this.done]);
  }

  async suspend(): Promise<void> {
    this.#end(suspended());
    await Promise.allSettled([this.done]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Why it ends early, if it does. */
  protected get endingError(): OnionferryError {
    return asOnionferryError(this.#ending.signal.reason, 'ERR_INTERRUPTED', 'interrupted');
  }

  protected emit(event: FerryEvent): void {
    this.#listeners.emit(event);
  }

  /** The call has ended. @returns whether somebody was told of its error, besides those who await `done` */
  protected ended(error: OnionferryError | undefined, wasAskedFor: boolean): boolean {
    const isRead = this.#listeners.end(error);
    if (error === undefined || wasAskedFor) return true;
    const listeners = [...this.#ofError.keys()];
    for (const listener of listeners) {
      if (this.#ofError.get(listener) === 'once') this.#ofError.delete(listener);
      callApart(listener, error);
    }
    return isRead || listeners.length > 0;
  }

  #add<Name extends EventName>(
    name: Name | 'error',
    listener: AnyListener<Name>,
    when: 'always' | 'once',
  ): this {
    // The name decides on the type: each is called with events of its own name alone.
    if (name === 'error') this.#ofError.set(listener as ErrorListener, when);
    else this.#listeners.add(name, listener as (event: FerryEvent) => void, when === 'once');
    return this;
  }

  #end(reason: unknown): void {
    const isOwn = hasCode(reason, 'ERR_SUSPENDED', 'ERR_INTERRUPTED');
    this.#ending.abort(isOwn ? reason : interrupted(reason));
  }

  async #run(work: Running<Summary>, outer: AbortSignal | undefined): Promise<Summary> {
    const { signal } = this.#ending;
    const interrupt = (): void => this.#end(outer?.reason);
    outer?.addEventListener('abort', interrupt, { once: true });
    if (outer?.aborted === true) interrupt();
    await new Promise(setImmediate);
    try {
      signal.throwIfAborted();
      const summary = await work({ emit: (event) => this.emit(event), signal });
      this.ended(undefined, signal.aborted);
      return summary;
    } catch (error) {
      const first = firstOf(error);
      // A transfer that was suspended says how to resume it.
      const isOwnWord = hasCode(first, 'ERR_SUSPENDED');
      const failure =
        signal.aborted && !isOwnWord
          ? this.endingError
          : asOnionferryError(first, 'ERR_INTERNAL', 'something unexpected failed');
      if (this.ended(failure, signal.aborted)) this.done.catch(() => undefined);
      throw failure;
    } finally {
      outer?.removeEventListener('abort', interrupt);
    }
  }
}

class OnlineCall<Summary> extends Call<Summary> implements OnlineHandle<Summary> {
  readonly #reached: Deferred<OnlineEvent> = deferred();
  #isReached = false;
  /** Present once somebody has asked for it. */
  #online: Promise<OnlineEvent> | undefined;

  constructor(work: Running<Summary>, signal: AbortSignal | undefined) {
    super(work, signal);
    // Nobody may ask for it.
    this.#reached.promise.catch(() => undefined);
  }

  get online(): Promise<OnlineEvent> {
    // Another promise, whose rejection is unhandled if its owner does not handle it.
    return (this.#online ??= this.#reached.promise.then((event) => event));
  }

  protected override emit(event: FerryEvent): void {
    if (event.event === 'online') {
      this.#isReached = true;
      this.#reached.resolve(event);
    }
    super.emit(event);
  }

  protected override ended(error: OnionferryError | undefined, wasAskedFor: boolean): boolean {
    const isToldOf = super.ended(error, wasAskedFor);
    if (this.#isReached) return isToldOf;
    this.#reached.reject(error ?? this.endingError);
    if (isToldOf) this.#online?.catch(() => undefined);
    return isToldOf || this.#online !== undefined;
  }
}

type AnyListener<Name extends EventName> = ListenerOf<Name> | ErrorListener;

function interrupted(cause: unknown): OnionferryError {
  const because = cause === undefined ? undefined : { cause };
  return new OnionferryError('ERR_INTERRUPTED', 'interrupted', because);
}

/** What failed first: `await using` wraps it in whatever failed while closing. */
function firstOf(error: unknown): unknown {
  const isSuppressing =
    error instanceof Error && error.name === 'SuppressedError' && 'suppressed' in error;
  return isSuppressing ? firstOf(error.suppressed) : error;
}
