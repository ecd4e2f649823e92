import { CircuitTries } from '../../onion-http/circuit-tries.js';
import { Refusal } from '../../relay-protocol/refusal.js';
import type { ParticipantId } from '../../relay-protocol/wire.js';
import type { RelayLimits } from '../limits.js';
import { isSilent, type Recipient } from './participant.js';

export type RecipientLimits = Pick<
  RelayLimits,
  'recipients' | 'joinedAttempts' | 'recipientsPerCircuit' | 'silentMs' | 'graceMs' | 'goneMs'
>;

export interface RecipientsOptions {
  readonly limits: RecipientLimits;
  /** Whether it has a connection, as far as that is known */
  readonly isHere?: ((id: ParticipantId) => boolean) | undefined;
  readonly tries?: CircuitTries | undefined;
}

/** The live recipients of a channel, in order of joining. */
export class Recipients {
  readonly #limits: RecipientLimits;
  readonly #isHere: (id: ParticipantId) => boolean;
  readonly #live = new Map<ParticipantId, Recipient>();
  readonly #tries: CircuitTries;

  constructor({ limits, isHere = () => true, tries = new CircuitTries() }: RecipientsOptions) {
    this.#limits = limits;
    this.#tries = tries;
    this.#isHere = isHere;
  }

  get isEmpty(): boolean {
    return this.#live.size === 0;
  }

  get(id: ParticipantId): Recipient | undefined {
    return this.#live.get(id);
  }

  has(id: ParticipantId): boolean {
    return this.#live.has(id);
  }

  add(recipient: Recipient): void {
    this.#live.set(recipient.id, recipient);
  }

  remove({ id }: Recipient): void {
    this.#live.delete(id);
  }

  /** One that had an attempt, and has not made a pair of it. */
  removeInVain(recipient: Recipient): void {
    this.remove(recipient);
    if (recipient.attempt !== undefined) this.#tries.spend(recipient.circuit);
  }

  /** One whose answer the sender has judged, and refused: it was a wrong password. */
  removeRefused(recipient: Recipient): void {
    this.remove(recipient);
    this.#tries.fail(recipient.circuit);
  }

  all(): Recipient[] {
    return [...this.#live.values()];
  }

  joinedWith(nonce: string): Recipient | undefined {
    return this.#first((recipient) => recipient.nonce === nonce);
  }

  /** Who gets the next attempt. @returns undefined if nobody waits */
  drawWaiting(): Recipient | undefined {
    const waiting = this.all().filter(({ attempt }) => attempt === undefined);
    return this.#tries.drawNext(waiting.filter(({ id }) => this.#isHere(id)));
  }

  /**
   * Who has to give back an attempt for the one that waits, if as many have one as may: one that is
   * gone, or one that would also have to go if the channel were full, or a silent one through a
   * circuit that has spent more.
   *
   * @returns undefined if nobody has to; 'full' if nobody can
   */
  givingBack(waiting: Recipient, now: number): Recipient | 'full' | undefined {
    const holding = this.all().filter(({ attempt }) => attempt !== undefined);
    if (holding.length < this.#limits.joinedAttempts) return undefined;
    const spent = this.#tries.spentBy(waiting.circuit);
    return (
      holding.find((one) => isSilent(one) && this.#tries.spentBy(one.circuit) > spent) ??
      this.#leaving(holding, now) ??
      'full'
    );
  }

  /** Of answers, which is to be judged next. Those whose recipient is gone are not. */
  drawAnswer(answered: readonly Recipient[]): Recipient | undefined {
    return this.#tries.drawNext(answered.filter(({ id }) => this.#isHere(id)));
  }

  /** Whether it would be drawn before the other, whatever the lot */
  isBefore(one: Recipient, other: Recipient): boolean {
    if (!this.#isHere(other.id)) return true;
    return this.#tries.spentBy(one.circuit) < this.#tries.spentBy(other.circuit);
  }

  /**
   * The recipient that has to go for one more from `circuit`. If the circuit has as many as it may,
   * that is its oldest. If the channel is full, it is the oldest past its grace: one that is gone;
   * else of the circuit with the most recipients, if more than one, whether it has answered or not;
   * else the oldest silent one. An answer removed before the sender has judged it was no guess.
   *
   * @returns undefined if there is room
   * @throws Refusal too-many
   */
  makingWay(circuit: number | undefined, now: number): Recipient | undefined {
    const { recipients, recipientsPerCircuit } = this.#limits;
    if (circuit !== undefined) {
      const own = this.all().filter((recipient) => recipient.circuit === circuit);
      if (own.length >= recipientsPerCircuit) return own[0];
    }
    if (this.#live.size < recipients) return undefined;
    const leaving = this.#leaving(this.all(), now);
    if (leaving === undefined) throw new Refusal('too-many');
    return leaving;
  }

  /** Those silent for too long (no y, or, without an attempt, not even a request), and those gone. */
  overdue(now: number): Recipient[] {
    const { silentMs, goneMs } = this.#limits;
    return this.all().filter((recipient) => {
      const { id, attempt, seenAt, silentSince } = recipient;
      if (this.#isHere(id)) recipient.goneSince = undefined;
      else recipient.goneSince ??= now;
      if (now - (recipient.goneSince ?? now) >= goneMs) return true;
      return isSilent(recipient) && now - (attempt ? silentSince : seenAt) >= silentMs;
    });
  }

  #leaving(of: readonly Recipient[], now: number): Recipient | undefined {
    const old = of.filter(({ silentSince }) => now - silentSince >= this.#limits.graceMs);
    return old.find(({ id }) => !this.#isHere(id)) ?? this.#crowding(old) ?? old.find(isSilent);
  }

  /** The oldest of the circuit that has most recipients here, if more than one */
  #crowding(old: readonly Recipient[]): Recipient | undefined {
    const crowds = new Map<number, number>();
    for (const { circuit } of this.#live.values()) {
      if (circuit !== undefined) crowds.set(circuit, (crowds.get(circuit) ?? 0) + 1);
    }
    let crowd = 1;
    let oldest: Recipient | undefined;
    for (const recipient of old) {
      const size = crowds.get(recipient.circuit ?? -1) ?? 0;
      if (size <= crowd) continue;
      crowd = size;
      oldest = recipient;
    }
    return oldest;
  }

  #first(matches: (recipient: Recipient) => boolean): Recipient | undefined {
    for (const recipient of this.#live.values()) if (matches(recipient)) return recipient;
    return undefined;
  }
}
