import type { Caller } from '../../onion-http/circuits.js';
import type { ChannelRequest, ChannelState, ParticipantId } from '../../relay-protocol/wire.js';
import type { Pair } from '../channel/pair.js';
import type { RelayLimits } from '../limits.js';
import type { StreamEnd } from '../staple/stream-end.js';
import { type EarlyStreams, PairStreams } from '../staple/streams.js';
import { LongPolls } from './long-polls.js';
import { Presence } from './presence.js';

/** Where a request came from, and when its client has gone. */
export interface LiveRequest {
  readonly caller?: Caller | undefined;
  readonly signal?: AbortSignal | undefined;
}

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
  /** Called once, when the pair has ended */
  readonly onEnd: () => void;
}

/** A pair with what belongs to it: waiting requests, circuits and streams. */
export class LivePair {
  readonly pair: Pair;
  readonly openedThrough: number | undefined;
  readonly #limits: RelayLimits;
  readonly #polls: LongPolls;
  readonly #presence = new Presence();
  readonly #streams: PairStreams;
  readonly #onEnd: () => void;
  #hasEnded = false;

  constructor(pair: Pair, { limits, inheritance, openedThrough, onEnd }: LivePairOptions) {
    const { recipient } = pair;
    this.pair = pair;
    this.openedThrough = openedThrough;
    this.#limits = limits;
    this.#polls = new LongPolls(pair);
    this.#presence.inherit(recipient, inheritance.presence);
    this.#streams = new PairStreams(pair, limits, inheritance.streams.take(recipient));
    this.#onEnd = onEnd;
    inheritance.polls.handOver(recipient, pair);
    this.follow();
  }

  /** @throws Refusal of Pair.request; too-many circuits; channel-closed while it waited */
  async request(
    request: ChannelRequest,
    now: number,
    { caller, signal }: LiveRequest,
  ): Promise<ChannelState> {
    const { uuid, since = 0, wait = 0 } = request;
    const state = this.#change(() => {
      this.#admit(uuid, caller);
      return this.pair.request(request, now);
    });
    if (wait === 0 || request.close === true || state.revision > since) return state;
    return this.#polls.wait(uuid, { since, waitMs: wait, signal });
  }

  /** @throws Refusal too-many, stream-used, no-such-channel */
  openStream(
    { uuid, stream }: { uuid: ParticipantId; stream: number },
    end: StreamEnd,
    now: number,
    caller?: Caller,
  ): void {
    this.#change(() => {
      this.#admit(uuid, caller);
      this.#streams.open(uuid, stream, end, now);
    });
  }

  sweep(now: number): void {
    this.#change(() => {
      if (this.#streams.hasFlowed()) this.pair.flow(now);
      this.pair.advance(now);
    });
  }

  close(): void {
    this.#change(() => this.pair.close());
  }

  #admit(id: ParticipantId, caller: Caller | undefined): void {
    if (caller === undefined) return;
    const { streams, extraCircuits } = this.#limits;
    this.#presence.admit(id, caller, streams + extraCircuits);
  }

  /** Changes the pair and then tells both, also if the change throws. */
  #change<Result>(act: () => Result): Result {
    try {
      return act();
    } finally {
      this.follow();
    }
  }

  /** Tells both after a change. */
  follow(): void {
    this.#streams.follow();
    this.#polls.notify();
    if (!this.pair.closed || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd();
  }
}
