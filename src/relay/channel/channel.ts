import type { CurveName } from '../../pake/curves/curve-name.js';
import { Refusal } from '../../relay-protocol/refusal.js';
import type { ChannelRequest, ChannelState, ParticipantId } from '../../relay-protocol/wire.js';
import type { RelayLimits } from '../limits.js';
import { Attempts } from './attempts.js';
import { isPreimage } from './confirmation.js';
import { Lifetime } from './lifetime.js';
import {
  type Attempt,
  newRecipient,
  newSender,
  type Recipient,
  type Sender,
  stateForRecipient,
} from './participant.js';
import { type RecipientLimits, Recipients } from './recipients.js';

export type ChannelLimits = RecipientLimits & Pick<RelayLimits, 'offers' | 'idleMs' | 'lifetimeMs'>;

export interface NewChannel {
  readonly name: string;
  readonly curve: CurveName;
  readonly sender: ParticipantId;
  readonly nonce: string;
  readonly limits: ChannelLimits;
}

/**
 * One channel: who takes part, which attempts there are and what each participant may see. It does
 * no I/O and owns no timer; every step is told the time in milliseconds. README.md has the diagram.
 *
 * Invariants: at most one recipient is ever confirmed; h_k is in the view of that one alone; a
 * field once written never changes; recipients end only attempts, except the confirmed one; a
 * repeated request changes nothing but the clock.
 */
export class Channel {
  readonly name: string;
  readonly curve: CurveName;
  readonly #sender: Sender;
  readonly #recipients: Recipients;
  readonly #attempts: Attempts;
  readonly #lifetime: Lifetime;
  #confirmed: Recipient | undefined;
  #stapled = false;
  #closed = false;

  constructor({ name, curve, sender, nonce, limits }: NewChannel, now: number) {
    this.name = name;
    this.curve = curve;
    this.#sender = newSender(sender, nonce);
    this.#recipients = new Recipients(limits);
    this.#attempts = new Attempts(limits.offers);
    this.#lifetime = new Lifetime(limits, now);
  }

  /** Once true, every other method refuses with no-such-channel. */
  get closed(): boolean {
    return this.#closed;
  }

  get sender(): ParticipantId {
    return this.#sender.id;
  }

  /** The one recipient that has been confirmed */
  get confirmed(): ParticipantId | undefined {
    return this.#confirmed?.id;
  }

  /**
   * Takes a recipient in under `id`, or returns the id that an earlier join with this nonce got.
   * Whoever joins through a `circuit` that has its places already gives up the oldest of them.
   *
   * @throws Refusal wrong-curve, channel-full
   */
  join(
    id: ParticipantId,
    nonce: string,
    curve: CurveName | undefined,
    now: number,
    circuit?: number,
  ): ParticipantId {
    this.#advanceOpen(now);
    this.#assertCurve(curve);
    const known = this.#recipients.joinedWith(nonce);
    if (known !== undefined) {
      this.#touch(known, now);
      return known.id;
    }
    if (this.#confirmed !== undefined) throw new Refusal('channel-full');
    const leaving = this.#recipients.makingWay(circuit, now);
    if (leaving !== undefined) this.#leave(leaving);
    const recipient = newRecipient(id, nonce, now, circuit);
    this.#recipients.add(recipient);
    this.#match(now, recipient);
    return id;
  }

  /** The sender's own join, repeated. @throws Refusal channel-taken with any other nonce */
  rejoin(nonce: string, curve: CurveName | undefined, now: number): ParticipantId {
    this.#advanceOpen(now);
    if (nonce !== this.#sender.nonce) throw new Refusal('channel-taken');
    this.#assertCurve(curve);
    this.#touch(this.#sender, now);
    return this.#sender.id;
  }

  /**
   * Does what the request writes, if anything.
   *
   * @returns what the participant sees afterwards; after a close, what it sees last
   * @throws Refusal no-such-channel, attempt-ended, not-yours, already-written, too-many, bad-request
   */
  request(request: ChannelRequest, now: number): ChannelState {
    this.advance(now);
    const participant = this.#enter(request.uuid);
    this.#touch(participant, now);
    if (participant.role === 'sender') return this.#senderRequest(request, now);
    return this.#recipientRequest(participant, request);
  }

  has(id: ParticipantId): boolean {
    return !this.#closed && (id === this.#sender.id || this.#recipients.has(id));
  }

  /** Ends everything; what is left to do is telling those who wait. */
  close(): void {
    this.#closed = true;
  }

  /** @throws Refusal no-such-channel, attempt-ended */
  state(id: ParticipantId): ChannelState {
    const participant = this.#enter(id);
    if (participant.role === 'recipient') return stateForRecipient(participant, this.#stapled);
    const { role, revision } = participant;
    return { role, revision, attempts: this.#attempts.forSender(), stapled: this.#stapled };
  }

  /** @throws Refusal stream-used, no-such-channel, attempt-ended */
  useStream(id: ParticipantId, stream: number, now: number): void {
    this.advance(now);
    const participant = this.#enter(id);
    this.#touch(participant, now);
    if (!participant.streams.use(stream)) throw new Refusal('stream-used');
  }

  /** Whether a participant has come with this stream number, be it there still or not. */
  hasUsedStream(id: ParticipantId, stream: number): boolean {
    return this.has(id) && this.#enter(id).streams.has(stream);
  }

  /** Two streams of the confirmed pair have been joined. */
  staple(): void {
    if (this.#stapled || this.#confirmed === undefined) return;
    this.#stapled = true;
    this.#sender.revision++;
    this.#confirmed.revision++;
  }

  /** Bytes have gone through a stapled stream. */
  flow(now: number): void {
    this.#lifetime.flow(now);
  }

  /** Lets the clock end what has lasted too long. */
  advance(now: number): void {
    this.#recipients.overdue(now).forEach((one) => this.#leave(one));
    if (this.#lifetime.isOver(now)) this.#closed = true;
  }

  #advanceOpen(now: number): void {
    this.advance(now);
    if (this.#closed) throw new Refusal('no-such-channel');
  }

  #assertCurve(curve: CurveName | undefined): void {
    if (curve !== undefined && curve !== this.curve) throw new Refusal('wrong-curve');
  }

  #enter(id: ParticipantId): Sender | Recipient {
    if (this.#closed) throw new Refusal('no-such-channel');
    if (id === this.#sender.id) return this.#sender;
    const recipient = this.#recipients.get(id);
    if (recipient === undefined) throw new Refusal('attempt-ended');
    return recipient;
  }

  /** Recipients that are not confirmed must not be able to keep a channel alive. */
  #touch(participant: Sender | Recipient, now: number): void {
    if (participant.role === 'recipient') participant.seenAt = now;
    if (participant.role === 'sender' || participant === this.#confirmed) this.#lifetime.touch(now);
  }

  #senderRequest({ attempt, x, y, h_k, close }: ChannelRequest, now: number): ChannelState {
    if (y !== undefined) throw new Refusal('not-yours');
    if (attempt === undefined) {
      if (x !== undefined || h_k !== undefined) throw new Refusal('bad-request');
      if (close === true) return this.#close(this.#sender.revision);
    } else if (x !== undefined) {
      this.#attempts.offer(attempt, x);
      this.#match(now);
    } else if (h_k !== undefined) this.#confirm(this.#attempts.get(attempt), h_k);
    else if (close === true) {
      const ending = this.#attempts.get(attempt);
      if (ending.phase === 'confirmed') return this.#close(this.#sender.revision);
      this.#end(ending);
    }
    return this.state(this.#sender.id);
  }

  #recipientRequest(
    recipient: Recipient,
    { attempt, x, y, hh_k, h_k, close }: ChannelRequest,
  ): ChannelState {
    if (x !== undefined || h_k !== undefined) throw new Refusal('not-yours');
    if (attempt !== undefined && attempt !== recipient.attempt?.number) {
      throw new Refusal('bad-request');
    }
    if (y !== undefined && hh_k !== undefined) this.#answer(recipient, y, hh_k);
    if (close === true) return this.#recipientClose(recipient);
    return this.state(recipient.id);
  }

  /**
   * Gives the oldest offer to the recipient that has waited longest, while there are both. A join
   * that finds an offer is answered with it: for the one just `joining` nothing has changed.
   */
  #match(now: number, joining?: Recipient): void {
    for (;;) {
      const recipient = this.#recipients.waiting();
      const offer = this.#attempts.oldestOffer();
      if (recipient === undefined || offer === undefined) return;
      offer.phase = 'joined';
      offer.recipient = recipient;
      recipient.attempt = offer;
      recipient.silentSince = now;
      if (recipient !== joining) recipient.revision++;
      this.#sender.revision++;
    }
  }

  #answer({ attempt }: Recipient, y: string, hh_k: string): void {
    if (attempt === undefined) throw new Refusal('bad-request');
    if (attempt.y === undefined) {
      attempt.phase = 'answered';
      attempt.y = y;
      attempt.hh_k = hh_k;
      this.#sender.revision++;
    } else if (attempt.y !== y || attempt.hh_k !== hh_k) throw new Refusal('already-written');
  }

  #confirm(attempt: Attempt, h_k: string): void {
    if (attempt.h_k !== undefined) {
      if (attempt.h_k !== h_k) throw new Refusal('already-written');
      return;
    }
    const { recipient, hh_k } = attempt;
    if (recipient === undefined || hh_k === undefined) throw new Refusal('bad-request');
    if (!isPreimage(h_k, hh_k)) {
      this.#end(attempt);
      throw new Refusal('attempt-ended');
    }
    attempt.phase = 'confirmed';
    attempt.h_k = h_k;
    recipient.revision++;
    this.#confirmed = recipient;
    this.#attempts.keepOnly(attempt);
    this.#recipients.keepOnly(recipient);
  }

  #close(revision: number): ChannelState {
    this.#closed = true;
    return { role: 'sender', revision, attempts: [], stapled: this.#stapled };
  }

  #recipientClose(recipient: Recipient): ChannelState {
    const { role, revision } = recipient;
    if (recipient === this.#confirmed) this.#closed = true;
    else this.#leave(recipient);
    return { role, revision, phase: 'ended', stapled: this.#stapled };
  }

  /** A recipient is gone, by its own doing or the clock's: the sender sees its attempt end. */
  #leave(recipient: Recipient): void {
    this.#recipients.remove(recipient);
    if (recipient.attempt === undefined) return;
    this.#attempts.end(recipient.attempt);
    this.#sender.revision++;
  }

  /** The sender ends an attempt: it need not be told. */
  #end(attempt: Attempt): void {
    this.#attempts.end(attempt);
    if (attempt.recipient !== undefined) this.#recipients.remove(attempt.recipient);
  }
}
