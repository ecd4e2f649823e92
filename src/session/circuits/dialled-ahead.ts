import { sleep, untilAborted } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { DialledStream, RelayClient } from '../../relay-protocol/relay-client.js';
import type { CircuitNames } from './circuit-names.js';

/**
 * Relays close a connection that has said nothing for ten seconds. The circuit outlives it: a
 * stream that is dialled late is there after one round trip.
 */
const AHEAD_MAX_MS = 5_000;

interface Entry {
  readonly dialling: Promise<DialledStream>;
  readonly abort: () => void;
  timer?: ReturnType<typeof setTimeout>;
}

export interface DialledAheadOptions {
  readonly relay: RelayClient;
  readonly circuits: CircuitNames;
  readonly maxMs?: number | undefined;
}

/**
 * Connections that wait for their streams to be opened. Each is taken once, or closed: when it has
 * waited for too long, and when all are released.
 */
export class DialledAhead {
  readonly #options: DialledAheadOptions;
  readonly #entries = new Map<number, Entry>();
  #dialMs: number | undefined;
  readonly #later: ReturnType<typeof setTimeout>[] = [];

  constructor(options: DialledAheadOptions) {
    this.#options = options;
  }

  /**
   * How long the quickest took, in milliseconds: others may have waited for the service to come up.
   * Only of those that were dialled in any case: later ones find a part of the way prepared.
   */
  get dialMs(): number | undefined {
    return this.#dialMs;
  }

  /**
   * Begins to dial, now or after this many milliseconds. Failures are ignored: the stream is dialled
   * again when it is opened.
   */
  dial(stream: number, afterMs = 0): void {
    this.#begin(stream, async (signal) => {
      if (afterMs > 0) await sleep(afterMs, signal);
      const start = performance.now();
      const dialled = await this.#dial(stream, signal);
      this.#dialMs = Math.min(this.#dialMs ?? Infinity, performance.now() - start);
      return dialled;
    });
  }

  /** Dials those from `first` up to `end` too, if no other has come within this many milliseconds. */
  dialIfSlow(first: number, end: number, afterMs: number): void {
    const timer = setTimeout(() => {
      if (this.#dialMs !== undefined) return;
      for (let stream = first; stream < end; stream++) {
        this.#begin(stream, (signal) => this.#dial(stream, signal));
      }
    }, afterMs);
    this.#later.push(timer);
  }

  #begin(stream: number, dial: (signal: AbortSignal) => Promise<DialledStream>): void {
    if (this.#entries.has(stream)) return;
    const { maxMs = AHEAD_MAX_MS } = this.#options;
    const ending = new AbortController();
    const dialling = dial(ending.signal);
    const entry: Entry = { dialling, abort: () => ending.abort(released()) };
    this.#entries.set(stream, entry);
    dialling.then(
      () => {
        if (this.#entries.get(stream) !== entry) return;
        entry.timer = setTimeout(() => this.#release(stream, entry), maxMs);
      },
      () => {
        if (this.#entries.get(stream) === entry) this.#entries.delete(stream);
      },
    );
  }

  async #dial(stream: number, signal: AbortSignal): Promise<DialledStream> {
    const { relay, circuits } = this.#options;
    return await relay.dialStream({ signal, isolation: circuits(stream) });
  }

  /**
   * The connection that was dialled for a stream, perhaps not there yet; it is the caller's, and
   * closed if the signal aborts before it is there.
   *
   * @returns undefined if there is none, or none any more
   */
  take(stream: number, signal?: AbortSignal): Promise<DialledStream> | undefined {
    const entry = this.#entries.get(stream);
    if (entry === undefined) return undefined;
    this.#entries.delete(stream);
    clearTimeout(entry.timer);
    const taken = untilAborted(entry.dialling, signal);
    taken.catch(() => giveUp(entry));
    return taken;
  }

  /** Closes what was not taken. */
  release(): void {
    for (const timer of this.#later) clearTimeout(timer);
    for (const [stream, entry] of this.#entries) this.#release(stream, entry);
  }

  #release(stream: number, entry: Entry): void {
    this.#entries.delete(stream);
    clearTimeout(entry.timer);
    giveUp(entry);
  }
}

function giveUp({ dialling, abort }: Entry): void {
  abort();
  dialling.then(
    (dialled) => dialled.destroy(),
    () => undefined,
  );
}

function released(): OnionferryError {
  return new OnionferryError('ERR_INTERRUPTED', 'the stream is not needed any more');
}
