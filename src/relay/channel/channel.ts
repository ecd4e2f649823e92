import type { CurveName } from '../../pake/curves/curve-name.js';
import { Refusal, type WireCode } from '../../relay-protocol/refusal.js';
import type { ChannelRequest, ChannelState, ParticipantId } from '../../relay-protocol/wire.js';
import { Attempts, isPreimage } from './attempts.js';
import { Lifetime } from './lifetime.js';
import type { NewChannel } from './new-channel.js';
import { Pair } from './pair.js';
import {
  type Attempt,
  type Dismissal,
  newRecipient,
  newSender,
  type Recipient,
  type Sender,
  stateForRecipient,
  type Viewed,
  writeAnswer,
} from './participant.js';
import { Recipients } from './recipients.js';

/**
 * One channel: a sender, its attempts, and the recipients that are not confirmed. It does no I/O and
 * has no timer; every step is given the time in milliseconds. README.md has the diagram.
 *
 * Invariants: a confirmation makes a pair and changes nothing for anybody else; h_k is in the view
 * of the one it confirms alone; a field once written never changes; recipients end only their own
 * attempts; a repeated request changes nothing but the clock.
 */
export class Channel implements Viewed {
  readonly name: string;
  readonly curve: CurveName;
  readonly #sender: Sender;
  readonly #recipients: Recipients;
  readonly #attempts: Attempts;
  readonly #lifetime: Lifetime;
  readonly #new: Pick<
    NewChannel,
    'newId' | 'onPair' | 'admitPair' | 'onWrongAnswer' | 'limits' | 'isHere'
  >;
  readonly #dismissed = new Map<ParticipantId, Dismissal>();
  /** The sender is serving somebody, and lets nobody else in. */
  #busy = false;
  #closed = false;

  constructor(channel: NewChannel, now: number) {
    const { name, curve, sender, nonce, limits } = channel;
    this.name = name;
    this.curve = curve;
    this.#new = channel;
    this.#sender = newSender(sender, nonce);
    this.#recipients = new Recipients(channel);
    this.#attempts = new Attempts(limits.postedAttempts);
    this.#lifetime = new Lifetime({ ...limits, idleMs: limits.senderIdleMs }, now);
  }

  /** Once true, every other method refuses with no-such-channel. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Those that were made here and have not ended; they outlive the channel. */
  get pairs(): readonly Pair[] {
    return this.#attempts.pairs;
  }

  /**
   * Takes in a recipient as `id`, or returns the id that an earlier join with this nonce got. If
   * `circuit` has as many recipients as it may, the oldest of them goes.
   *
   * @throws Refusal wrong-curve, channel-full if the sender is busy, too-many
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
      known.seenAt = now;
      return known.id;
    }
    if (this.#busy) throw new Refusal('channel-full');
    const leaving = this.#recipients.makingWay(circuit, now);
    if (leaving !== undefined) this.#dismiss(leaving, 'too-many');
    const recipient = newRecipient(id, nonce, now, circuit);
    this.#recipients.add(recipient);
    this.#giveTurns(now, recipient);
    return id;
  }

  /** The sender's own join, repeated. @throws Refusal channel-taken with any other nonce */
  rejoin(nonce: string, curve: CurveName | undefined, now: number): ParticipantId {
    this.#advanceOpen(now);
    if (nonce !== this.#sender.nonce) throw new Refusal('channel-taken');
    this.#assertCurve(curve);
    this.#lifetime.touch(now);
    return this.#sender.id;
  }

  /**
   * Does what the request writes, if anything.
   *
   * @returns what the participant sees afterwards; after a close, what it sees last
   * @throws Refusal no-such-channel, attempt-ended, not-yours, already-written, too-many,
   *   channel-full, bad-request
   */
  request(request: ChannelRequest, now: number): ChannelState {
    this.advance(now);
    const participant = this.#enter(request.uuid);
    if (participant.role === 'recipient') {
      participant.seenAt = now;
      return this.#recipientRequest(participant, request, now);
    }
    this.#lifetime.touch(now);
    return this.#senderRequest(request, now);
  }

  has(id: ParticipantId): boolean {
    return !this.#closed && (id === this.#sender.id || this.#recipients.has(id));
  }

  /** Whether it is a participant, or was let go. */
  knows(id: ParticipantId): boolean {
    return this.has(id) || this.#dismissed.has(id);
  }

  /** Ends the channel, but no pair; waiting clients are still to be told. */
  close(): void {
    this.#closed = true;
  }

  /** @throws Refusal no-such-channel, attempt-ended, channel-full, too-many */
  state(id: ParticipantId): ChannelState {
    const participant = this.#enter(id);
    if (participant.role === 'recipient') return stateForRecipient(participant, false);
    const { role, revision } = participant;
    return { role, revision, attempts: this.#attempts.forSender(), stapled: false };
  }

  /**
   * Whether somebody has an attempt that is not judged: who has given an answer, or is giving one, may
   * not give it again elsewhere.
   */
  get isMeeting(): boolean {
    return this.#recipients.all().some(({ attempt }) => attempt !== undefined);
  }

  endingOf(id: ParticipantId): WireCode {
    return this.#dismissed.get(id) ?? (this.#closed ? 'channel-closed' : 'attempt-ended');
  }

  /**
   * A recipient may say early which stream it will use; the sender has streams in pairs alone.
   *
   * @throws Refusal stream-used, not-yours, as `state`
   */
  useStream(id: ParticipantId, stream: number, now: number): void {
    this.advance(now);
    const participant = this.#enter(id);
    if (participant.role === 'sender') throw new Refusal('not-yours');
    participant.seenAt = now;
    if (!participant.streams.use(stream)) throw new Refusal('stream-used');
  }

  /** Whether time alone may change something now: nobody waits in most channels. */
  isDue(now: number): boolean {
    this.#lifetime.noteConnection(this.#isSenderHere, now);
    return !this.#recipients.isEmpty || this.#lifetime.isOver(now);
  }

  /** Ends what has lasted too long, and forgets pairs that have ended. */
  advance(now: number): void {
    for (const one of this.#recipients.overdue(now)) this.#dismiss(one, 'too-many');
    if (this.#attempts.endWithPairs()) this.#sender.revision++;
    this.#lifetime.noteConnection(this.#isSenderHere, now);
    if (this.#lifetime.isOver(now)) this.#closed = true;
    else this.#giveTurns(now);
  }

  get #isSenderHere(): boolean {
    return this.#new.isHere?.(this.#sender.id) ?? true;
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
    if (recipient === undefined) throw new Refusal(this.endingOf(id));
    return recipient;
  }

  #senderRequest(request: ChannelRequest, now: number): ChannelState {
    const { attempt, x, y, h_k, busy, close } = request;
    if (y !== undefined) throw new Refusal('not-yours');
    if (attempt === undefined) {
      if (x !== undefined || h_k !== undefined) throw new Refusal('bad-request');
    } else if (x !== undefined) {
      this.#attempts.post(attempt, x);
    } else if (h_k !== undefined) this.#confirm(this.#attempts.get(attempt), h_k, now);
    else if (close === true) this.#closeAttempt(this.#attempts.get(attempt));
    if (busy !== undefined) this.#setBusy(busy);
    this.#giveTurns(now);
    if (close === true && attempt === undefined) {
      this.#closed = true;
      return { role: 'sender', revision: this.#sender.revision, attempts: [], stapled: false };
    }
    return this.state(this.#sender.id);
  }

  #recipientRequest(
    recipient: Recipient,
    { attempt, x, y, hh_k, h_k, busy, close }: ChannelRequest,
    now: number,
  ): ChannelState {
    if (x !== undefined || h_k !== undefined || busy !== undefined) throw new Refusal('not-yours');
    if (attempt !== undefined && attempt !== recipient.attempt?.number) {
      throw new Refusal('bad-request');
    }
    if (y !== undefined && hh_k !== undefined) this.#answer(recipient, y, hh_k);
    if (close !== true) return this.state(recipient.id);
    const { role, revision } = recipient;
    this.#leave(recipient);
    this.#giveTurns(now);
    return { role, revision, phase: 'ended', stapled: false };
  }

  /** After each change: who waits gets an attempt, and answers are shown, as long as there is room. */
  #giveTurns(now: number, joining?: Recipient): void {
    this.#match(now, joining);
    this.#show();
  }

  /**
   * Gives posted attempts, the oldest first, to recipients that wait, whom the draw chooses. The
   * reply to a join shows what it got, so for the one just `joining` nothing has changed.
   */
  #match(now: number, joining?: Recipient): void {
    for (;;) {
      const attempt = this.#attempts.oldestPosted();
      const recipient = attempt && this.#recipients.drawWaiting();
      if (attempt === undefined || recipient === undefined) return;
      const leaving = this.#recipients.givingBack(recipient, now);
      if (leaving === 'full') return;
      if (leaving !== undefined) this.#dismiss(leaving, 'too-many');
      attempt.phase = 'joined';
      attempt.recipient = recipient;
      recipient.attempt = attempt;
      recipient.silentSince = now;
      if (recipient !== joining) recipient.revision++;
      this.#sender.revision++;
    }
  }

  /** Shows the sender a few answers at a time, whom the draw chooses: it judges what it sees. */
  #show(): void {
    for (;;) {
      const answered = this.#attempts.answered();
      const shown = answered.filter(({ isShown }) => isShown);
      const hidden = answered.filter(({ isShown }) => isShown !== true);
      const next = this.#recipients.drawAnswer(hidden.flatMap(({ recipient }) => recipient ?? []));
      if (next?.attempt === undefined) return;
      if (shown.length >= this.#new.limits.shownAnswers) {
        const after = shown.find(
          (one) => one.recipient && this.#recipients.isBefore(next, one.recipient),
        );
        if (after === undefined) return;
        after.isShown = false;
      }
      next.attempt.isShown = true;
      this.#sender.revision++;
    }
  }

  #answer({ attempt }: Recipient, y: string, hh_k: string): void {
    if (attempt === undefined) throw new Refusal('bad-request');
    if (!writeAnswer(attempt, y, hh_k)) return;
    attempt.phase = 'answered';
    this.#show();
  }

  #confirm(attempt: Attempt, h_k: string, now: number): void {
    if (attempt.h_k !== undefined) {
      if (attempt.h_k !== h_k) throw new Refusal('already-written');
      return;
    }
    const { recipient, hh_k } = attempt;
    if (recipient === undefined || hh_k === undefined) throw new Refusal('bad-request');
    if (!isPreimage(h_k, hh_k)) {
      this.#refuse(attempt);
      throw new Refusal('attempt-ended');
    }
    const { limits, newId, admitPair, onPair } = this.#new;
    if (this.#attempts.pairs.length >= limits.pairs) throw new Refusal('too-many');
    admitPair?.();
    const members = { channel: this.name, attempt, recipient, sender: newId() };
    const pair = new Pair({ ...members, limits }, now);
    this.#attempts.confirm(attempt, h_k, pair);
    this.#recipients.remove(recipient);
    recipient.revision++;
    onPair?.(pair);
  }

  #closeAttempt(attempt: Attempt): void {
    this.#attempts.pairOf(attempt)?.close();
    if (attempt.phase === 'answered') this.#refuse(attempt);
    else this.#end(attempt);
  }

  #refuse(attempt: Attempt): void {
    this.#new.onWrongAnswer?.();
    this.#attempts.end(attempt);
    if (attempt.recipient !== undefined) this.#recipients.removeRefused(attempt.recipient);
  }

  /** Whoever is not confirmed has to go, and learns nothing but that. */
  #setBusy(busy: boolean): void {
    this.#busy = busy;
    if (!busy) return;
    for (const recipient of this.#recipients.all()) {
      this.#remember(recipient, 'channel-full');
      if (recipient.attempt === undefined) this.#recipients.remove(recipient);
      else this.#end(recipient.attempt);
    }
  }

  /** The relay lets a recipient go; the sender sees its attempt end. */
  #dismiss(recipient: Recipient, why: Dismissal): void {
    this.#remember(recipient, why);
    this.#leave(recipient);
  }

  #remember({ id }: Recipient, why: Dismissal): void {
    this.#dismissed.set(id, why);
    // As many as can be let go at once, so that each can be told why.
    const [oldest] = this.#dismissed.keys();
    const isFull = this.#dismissed.size > this.#new.limits.recipients;
    if (isFull && oldest !== undefined) this.#dismissed.delete(oldest);
  }

  /** A recipient has left or was removed: the sender sees its attempt end. */
  #leave(recipient: Recipient): void {
    this.#recipients.removeInVain(recipient);
    if (recipient.attempt === undefined) return;
    this.#attempts.end(recipient.attempt);
    this.#sender.revision++;
  }

  /** The sender itself ends an attempt, and need not be told. */
  #end(attempt: Attempt): void {
    this.#attempts.end(attempt);
    if (attempt.recipient !== undefined) this.#recipients.removeInVain(attempt.recipient);
  }
}
