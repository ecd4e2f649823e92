import type { Caller } from '../../onion-http/circuits.js';
import type { ChannelRequest, ChannelState, ParticipantId } from '../../relay-protocol/wire.js';
import type { Viewed } from '../channel/participant.js';
import type { StreamEnd } from '../staple/stream-end.js';
import type { LongPolls } from './long-polls.js';

/** Where a request came from, and when its client has gone. */
export interface LiveRequest {
  readonly caller?: Caller | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** A channel or a pair. */
interface Asked extends Viewed {
  /** @throws Refusal */
  request(request: ChannelRequest, now: number): ChannelState;
  advance(now: number): void;
  close(): void;
}

/** The streams of its participants. */
interface Streams {
  /** @throws Refusal; `end` is then still the caller's */
  open(id: ParticipantId, stream: number, end: StreamEnd, now: number): void;
}

/** A channel or a pair with what its participants have here: waiting requests, circuits, streams. */
export abstract class Live {
  protected abstract readonly asked: Asked;
  protected abstract readonly polls: LongPolls;
  protected abstract readonly streams: Streams;

  /** Lets a participant's circuit in. @throws Refusal too-many circuits */
  abstract admit(id: ParticipantId, caller: Caller | undefined): void;

  /** Changes something and then tells everyone concerned, also if the change throws. */
  abstract change<Result>(act: () => Result): Result;

  /** @throws Refusal of the channel or pair; too-many circuits; channel-closed while it waited */
  async request(
    request: ChannelRequest,
    now: number,
    { caller, signal }: LiveRequest,
  ): Promise<ChannelState> {
    const { uuid, since = 0, wait = 0 } = request;
    const state = this.change(() => {
      this.admit(uuid, caller);
      return this.asked.request(request, now);
    });
    if (wait === 0 || request.close === true || state.revision > since) return state;
    return this.polls.wait(uuid, { since, waitMs: wait, signal });
  }

  /** @throws Refusal of the streams; too-many circuits, no-such-channel */
  openStream(
    { uuid, stream }: { uuid: ParticipantId; stream: number },
    end: StreamEnd,
    now: number,
    caller?: Caller,
  ): void {
    this.change(() => {
      this.admit(uuid, caller);
      this.streams.open(uuid, stream, end, now);
    });
  }

  sweep(now: number): void {
    this.change(() => this.asked.advance(now));
  }

  /** Ends it for all its participants; a channel's pairs go on. */
  close(): void {
    this.change(() => this.asked.close());
  }
}
