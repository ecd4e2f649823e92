import type { Caller } from '../../onion-http/circuits.js';
import type { ParticipantId } from '../../relay-protocol/wire.js';
import { Channel } from '../channel/channel.js';
import type { NewChannel } from '../channel/new-channel.js';
import type { Pair } from '../channel/pair.js';
import type { RelayLimits } from '../limits.js';
import { EarlyStreams } from '../staple/streams.js';
import { Live } from './live.js';
import type { Inheritance, LivePair } from './live-pair.js';
import { LongPolls } from './long-polls.js';
import { Presence } from './presence.js';

export interface LiveChannelOptions {
  readonly limits: RelayLimits;
  /** Of its sender's join */
  readonly nonce: string;
  /** The circuit that its sender joined through, where it is known */
  readonly openedThrough: number | undefined;
  /** Takes over a pair that was made here, and what belongs to its recipient. */
  readonly onPair: (pair: Pair, inheritance: Inheritance) => LivePair;
}

/** A channel with what belongs to it: waiting requests, circuits and early streams. */
export class LiveChannel extends Live {
  readonly channel: Channel;
  readonly nonce: string;
  readonly openedThrough: number | undefined;
  readonly #limits: RelayLimits;
  protected readonly polls: LongPolls;
  readonly #presence = new Presence();
  protected readonly streams: EarlyStreams;
  /** Those made here: the sender may end them here as well. */
  readonly #pairs = new Set<LivePair>();

  constructor(
    channel: Omit<NewChannel, 'onPair' | 'limits' | 'isHere'>,
    now: number,
    { limits, nonce, openedThrough, onPair }: LiveChannelOptions,
  ) {
    super();
    this.nonce = nonce;
    this.openedThrough = openedThrough;
    this.#limits = limits;
    this.channel = new Channel(
      {
        ...channel,
        limits,
        isHere: (id) => this.#presence.isHere(id),
        onPair: (pair) => {
          const [polls, presence, streams] = [this.polls, this.#presence, this.streams];
          this.#pairs.add(onPair(pair, { polls, presence, streams }));
        },
      },
      now,
    );
    this.polls = new LongPolls(this.channel);
    this.streams = new EarlyStreams(this.channel, limits);
  }

  protected get asked(): Channel {
    return this.channel;
  }

  /** @throws Refusal too-many circuits, no-such-channel, attempt-ended */
  admit(id: ParticipantId, caller: Caller | undefined): void {
    if (caller === undefined) return;
    // Refuses an unknown participant before anything of it is noted.
    this.channel.state(id);
    this.#presence.admit(id, caller, this.#limits.circuitsBeforeConfirmation);
  }

  /** Most channels only wait, and there can be thousands. */
  override sweep(now: number): void {
    if (this.channel.isDue(now)) super.sweep(now);
  }

  /** A pair that was made here has ended. */
  followPairs(now: number): void {
    super.sweep(now);
  }

  /** Changes the channel and then tells everyone concerned, also if the change throws. */
  change<Result>(act: () => Result): Result {
    try {
      return act();
    } finally {
      this.streams.follow();
      this.polls.notify();
      this.#presence.keep((id) => this.channel.has(id));
      for (const live of this.#pairs) {
        if (!live.pair.closed) continue;
        this.#pairs.delete(live);
        live.follow();
      }
    }
  }
}
