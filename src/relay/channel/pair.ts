import { Refusal, type WireCode } from '../../relay-protocol/refusal.js';
import {
  type ChannelRequest,
  type ChannelState,
  type ParticipantId,
  STREAM_NUMBERS,
} from '../../relay-protocol/wire.js';
import type { RelayLimits } from '../limits.js';
import { Lifetime } from './lifetime.js';
import { UsedNumbers } from './numbers.js';
import {
  type Attempt,
  type Recipient,
  stateForRecipient,
  type Viewed,
  writeAnswer,
} from './participant.js';

export interface NewPair {
  /** The name of the channel in which they met */
  readonly channel: string;
  readonly attempt: Attempt;
  readonly recipient: Recipient;
  /** The sender's own name in this pair */
  readonly sender: ParticipantId;
  readonly limits: Pick<RelayLimits, 'idleMs' | 'lifetimeMs'>;
}

/**
 * The two of a confirmed attempt, whose streams may be joined. It lives apart from the channel: the
 * end of one is not the end of the other.
 *
 * Invariants: it has these two participants and never another; a stream number is used once by each.
 */
export class Pair implements Viewed {
  readonly channel: string;
  readonly sender: ParticipantId;
  readonly recipient: ParticipantId;
  readonly #attempt: Attempt;
  readonly #recipient: Recipient;
  readonly #senderStreams = new UsedNumbers(STREAM_NUMBERS);
  readonly #lifetime: Lifetime;
  #senderRevision = 0;
  #stapled = false;
  #closed = false;

  constructor({ channel, attempt, recipient, sender, limits }: NewPair, now: number) {
    this.channel = channel;
    this.sender = sender;
    this.recipient = recipient.id;
    this.#attempt = attempt;
    this.#recipient = recipient;
    this.#lifetime = new Lifetime(limits, now);
  }

  /** Once true, every request is refused with no-such-channel. */
  get closed(): boolean {
    return this.#closed;
  }

  has(id: ParticipantId): boolean {
    return !this.#closed && (id === this.sender || id === this.recipient);
  }

  other(id: ParticipantId): ParticipantId {
    return id === this.sender ? this.recipient : this.sender;
  }

  /** @throws Refusal no-such-channel, attempt-ended */
  state(id: ParticipantId): ChannelState {
    this.#assertHas(id);
    if (id === this.recipient) return stateForRecipient(this.#recipient, this.#stapled);
    return {
      role: 'sender',
      revision: this.#senderRevision,
      attempts: [{ attempt: this.#attempt.number, phase: 'confirmed', participant: this.sender }],
      stapled: this.#stapled,
    };
  }

  endingOf(): WireCode {
    return 'channel-closed';
  }

  /**
   * Ends the pair if either asks for it. Nothing else is left to write; what a recipient wrote
   * before may be repeated.
   *
   * @throws Refusal no-such-channel, attempt-ended, not-yours, already-written, bad-request
   */
  request(request: ChannelRequest, now: number): ChannelState {
    this.advance(now);
    const { uuid, attempt, x, y, hh_k, h_k, busy, close } = request;
    const state = this.state(uuid);
    this.#lifetime.touch(now);
    if (attempt !== undefined && attempt !== this.#attempt.number) throw new Refusal('bad-request');
    if (x !== undefined || h_k !== undefined || busy !== undefined) throw new Refusal('not-yours');
    if (y !== undefined && hh_k !== undefined) {
      if (uuid === this.sender) throw new Refusal('not-yours');
      writeAnswer(this.#attempt, y, hh_k);
    }
    if (close !== true) return state;
    this.#closed = true;
    const { role, revision, stapled } = state;
    return role === 'sender'
      ? { role, revision, attempts: [], stapled }
      : { role, revision, phase: 'ended', stapled };
  }

  /** @throws Refusal stream-used, no-such-channel, attempt-ended */
  useStream(id: ParticipantId, stream: number, now: number): void {
    this.advance(now);
    this.#assertHas(id);
    this.#lifetime.touch(now);
    if (!this.#streamsOf(id).use(stream)) throw new Refusal('stream-used');
  }

  /** Whether a participant has ever used this stream number. */
  hasUsedStream(id: ParticipantId, stream: number): boolean {
    return this.#streamsOf(id).has(stream);
  }

  /** Two streams have been joined. */
  staple(): void {
    if (this.#stapled) return;
    this.#stapled = true;
    this.#senderRevision++;
    this.#recipient.revision++;
  }

  /** Whether bytes have gone through it of late. */
  isFlowing(now: number): boolean {
    return this.#lifetime.isFlowing(now);
  }

  /** Bytes have gone through a stapled stream. */
  flow(now: number): void {
    this.#lifetime.flow(now);
  }

  /** Ends what has lasted too long. */
  advance(now: number): void {
    if (this.#lifetime.isOver(now)) this.#closed = true;
  }

  close(): void {
    this.#closed = true;
  }

  #streamsOf(id: ParticipantId): UsedNumbers {
    return id === this.sender ? this.#senderStreams : this.#recipient.streams;
  }

  #assertHas(id: ParticipantId): void {
    if (this.#closed) throw new Refusal('no-such-channel');
    if (!this.has(id)) throw new Refusal('attempt-ended');
  }
}
