import type { Caller } from '../../onion-http/circuits.js';
import type { ParticipantId } from '../../relay-protocol/wire.js';
import type { Pair } from '../channel/pair.js';
import type { RelayLimits } from '../limits.js';
import { type EarlyStreams, PairStreams } from '../staple/streams.js';
import { Live } from './live.js';
import { LongPolls } from './long-polls.js';
import { Presence } from './presence.js';

/** What belongs to a channel's recipient, until it is confirmed. */
export interface Inheritance {
  readonly polls: LongPolls;
  readonly presence: Presence;
  readonly streams: EarlyStreams;
}

export interface LivePairOptions {
  readonly limits: RelayLimits;
  readonly inheritance: Inheritance;
  /** The circuit that the sender opened the channel through, where it is known */
  readonly openedThrough: number | undefined;
  /** Told how many bytes have gone through it since the last time. */
  readonly onBytes?: ((count: number) => void) | undefined;
  /** Called once, when the pair has ended */
  readonly onEnd: () => void;
}

/** A pair with what belongs to it: waiting requests, circuits and streams. */
export class LivePair extends Live {
  readonly pair: Pair;
  readonly openedThrough: number | undefined;
  readonly #limits: RelayLimits;
  protected readonly polls: LongPolls;
  readonly #presence = new Presence();
  protected readonly streams: PairStreams;
  readonly #onEnd: () => void;
  #hasEnded = false;

  constructor(pair: Pair, { limits, inheritance, openedThrough, onBytes, onEnd }: LivePairOptions) {
    super();
    const { recipient } = pair;
    this.pair = pair;
    this.openedThrough = openedThrough;
    this.#limits = limits;
    this.polls = new LongPolls(pair);
    this.#presence.inherit(recipient, inheritance.presence);
    this.streams = new PairStreams(pair, limits, inheritance.streams.take(recipient), onBytes);
    this.#onEnd = onEnd;
    inheritance.polls.handOver(recipient, pair);
    this.follow();
  }

  override sweep(now: number): void {
    if (this.streams.hasFlowed()) this.pair.flow(now);
    super.sweep(now);
  }

  /** Tells of bytes that were not told yet. */
  tellBytes(): void {
    this.streams.tell();
  }

  protected get asked(): Pair {
    return this.pair;
  }

  admit(id: ParticipantId, caller: Caller | undefined): void {
    if (caller === undefined) return;
    const { streams, extraCircuits } = this.#limits;
    this.#presence.admit(id, caller, streams + extraCircuits);
  }

  /** Changes the pair and then tells both, also if the change throws. */
  change<Result>(act: () => Result): Result {
    try {
      return act();
    } finally {
      this.follow();
    }
  }

  /** Tells both after a change. */
  follow(): void {
    this.streams.follow();
    this.polls.notify();
    if (!this.pair.closed || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd();
  }
}
