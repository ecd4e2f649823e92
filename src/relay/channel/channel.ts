import type { CurveName } from '../../pake/curves/curve-name.js';
import { Refusal } from '../../relay-protocol/refusal.js';
import type { ChannelRequest, ChannelState, ParticipantId } from '../../relay-protocol/wire.js';
import type { RelayLimits } from '../limits.js';
import { Attempts, isPreimage } from './attempts.js';
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

export type ChannelLimits = RecipientLimits &
  Pick<RelayLimits, 'postedAttempts' | 'idleMs' | 'lifetimeMs'>;

export interface NewChannel {
  readonly name: string;
  readonly curve: CurveName;
  readonly sender: ParticipantId;
  readonly nonce: string;
  readonly limits: ChannelLimits;
}

/**
 * One channel: who takes part, which attempts there are and what each participant may see. It does
 * no I/O and has no timer; every step is given the time in milliseconds. README.md has the diagram.
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
    this.#attempts = new Attempts(limits.postedAttempts);
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
   * Takes in a recipient as `id`, or returns the id that an earlier join with this nonce got. If
   * `circuit` has as many recipients as it may, the oldest of them goes.
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

  /** Ends everything; waiting clients are still to be told. */
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

  /** Whether a participant has ever used this stream number. */
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

  /** Ends what has lasted too long. */
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

  /** An unconfirmed recipient must not be able to keep a channel alive. */
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
      this.#attempts.post(attempt, x);
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
   * Gives the oldest posted attempt to the recipient that has waited longest, while there are both.
   * The reply to a join shows what it got, so for the one just `joining` nothing has changed.
   */
  #match(now: number, joining?: Recipient): void {
    for (;;) {
      const recipient = this.#recipients.waiting();
      const attempt = this.#attempts.oldestPosted();
      if (recipient === undefined || attempt === undefined) return;
      attempt.phase = 'joined';
      attempt.recipient = recipient;
      recipient.attempt = attempt;
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

  /** A recipient has left or was removed: the sender sees its attempt end. */
  #leave(recipient: Recipient): void {
    this.#recipients.remove(recipient);
    if (recipient.attempt === undefined) return;
    this.#attempts.end(recipient.attempt);
    this.#sender.revision++;
  }

  /** The sender itself ends an attempt, and need not be told. */
  #end(attempt: Attempt): void {
    this.#attempts.end(attempt);
    if (attempt.recipient !== undefined) this.#recipients.remove(attempt.recipient);
  }
}
