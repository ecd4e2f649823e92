import type { Caller } from '../../onion-http/circuits.js';
import { Refusal } from '../../relay-protocol/refusal.js';
import type { ChannelRequest, ChannelState, ParticipantId } from '../../relay-protocol/wire.js';
import { Channel, type NewChannel } from '../channel/channel.js';
import type { RelayLimits } from '../limits.js';
import type { StreamEnd } from '../staple/stream-end.js';
import { Streams } from '../staple/streams.js';
import { LongPolls } from './long-polls.js';

/** A channel with what belongs to it: waiting requests, circuits and streams. */
export class LiveChannel {
  readonly channel: Channel;
  /** The circuit that its sender joined through, where it is known */
  readonly openedThrough: number | undefined;
  readonly #limits: RelayLimits;
  readonly #polls: LongPolls;
  readonly #presence = new Presence();
  readonly #streams: Streams;

  constructor(channel: NewChannel, limits: RelayLimits, now: number, circuit?: number) {
    this.channel = new Channel(channel, now);
    this.openedThrough = circuit;
    this.#limits = limits;
    this.#polls = new LongPolls(this.channel);
    this.#streams = new Streams(this.channel, limits);
  }

  /** @throws Refusal of Channel.request; too-many circuits; channel-closed while it waited */
  async request(
    request: ChannelRequest,
    now: number,
    { caller, signal }: { caller?: Caller | undefined; signal?: AbortSignal | undefined },
  ): Promise<ChannelState> {
    const { uuid, since = 0, wait = 0 } = request;
    const state = this.change(() => {
      this.admit(uuid, caller);
      return this.channel.request(request, now);
    });
    if (wait === 0 || request.close === true || state.revision > since) return state;
    return this.#polls.wait(uuid, { since, waitMs: wait, signal });
  }

  /** @throws Refusal too-many, stream-used, no-such-channel, attempt-ended */
  openStream(
    { uuid, stream }: { uuid: ParticipantId; stream: number },
    end: StreamEnd,
    now: number,
    caller?: Caller,
  ): void {
    this.change(() => {
      this.admit(uuid, caller);
      this.#streams.open(uuid, stream, end, now);
    });
  }

  /** @throws Refusal too-many circuits, no-such-channel, attempt-ended */
  admit(id: ParticipantId, caller: Caller | undefined): void {
    if (caller === undefined) return;
    // Refuses an unknown participant before anything of it is noted.
    this.channel.state(id);
    const { streams, extraCircuits, circuitsBeforeConfirmation } = this.#limits;
    const allowed =
      this.channel.confirmed === undefined ? circuitsBeforeConfirmation : streams + extraCircuits;
    if (!this.#presence.admit(id, caller, allowed)) throw new Refusal('too-many');
  }

  /** Changes the channel and then tells everyone concerned, also if the change throws. */
  change<Result>(act: () => Result): Result {
    try {
      return act();
    } finally {
      this.#streams.follow();
      this.#polls.notify();
      this.#presence.keep((id) => this.channel.has(id));
    }
  }

  sweep(now: number): void {
    this.change(() => {
      if (this.#streams.hasFlowed()) this.channel.flow(now);
      this.channel.advance(now);
    });
  }

  /** Ends the channel for all participants. */
  close(): void {
    this.change(() => this.channel.close());
  }
}

/**
 * Which live circuits each participant of a channel uses. A circuit is live while one of its
 * connections that named the participant is open. Behind an onion all clients have the same
 * address, so this stands in for "never more than two addresses".
 */
class Presence {
  readonly #circuits = new Map<ParticipantId, Map<number, Set<Caller['socket']>>>();

  /** @returns false if that would be more than `allowed` circuits */
  admit(id: ParticipantId, { socket, circuit }: Caller, allowed: number): boolean {
    if (circuit === undefined) return true;
    const circuits = this.#circuits.get(id) ?? new Map<number, Set<Caller['socket']>>();
    for (const [number, sockets] of circuits) {
      for (const known of sockets) if (known.destroyed) sockets.delete(known);
      if (sockets.size === 0) circuits.delete(number);
    }
    if (!circuits.has(circuit) && circuits.size >= allowed) return false;
    circuits.set(circuit, (circuits.get(circuit) ?? new Set()).add(socket));
    this.#circuits.set(id, circuits);
    return true;
  }

  /** Forgets participants that are gone. */
  keep(isPresent: (id: ParticipantId) => boolean): void {
    for (const id of this.#circuits.keys()) if (!isPresent(id)) this.#circuits.delete(id);
  }
}
