import { Refusal } from '../../relay-protocol/refusal.js';
import type { ParticipantId } from '../../relay-protocol/wire.js';
import type { RelayLimits } from '../limits.js';
import { isSilent, type Recipient } from './participant.js';

export type RecipientLimits = Pick<
  RelayLimits,
  'recipients' | 'recipientsPerCircuit' | 'silentMs' | 'graceMs'
>;

/** The live recipients of a channel, in order of joining. */
export class Recipients {
  readonly #limits: RecipientLimits;
  readonly #live = new Map<ParticipantId, Recipient>();

  constructor(limits: RecipientLimits) {
    this.#limits = limits;
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

  all(): Recipient[] {
    return [...this.#live.values()];
  }

  joinedWith(nonce: string): Recipient | undefined {
    return this.#first((recipient) => recipient.nonce === nonce);
  }

  /** The one that has waited longest for an attempt */
  waiting(): Recipient | undefined {
    return this.#first(({ attempt }) => attempt === undefined);
  }

  /**
   * The recipient that has to go for one more from `circuit`. If the circuit has as many as it may,
   * that is its oldest. If the channel is full, it is the oldest past its grace: of the circuit with
   * the most recipients, if more than one, whether it has answered or not; else the oldest silent
   * one. An answer removed before the sender has judged it was no guess.
   *
   * @returns undefined if there is room
   * @throws Refusal too-many
   */
  makingWay(circuit: number | undefined, now: number): Recipient | undefined {
    const { recipients, recipientsPerCircuit } = this.#limits;
    const own = this.#through(circuit);
    if (own.length >= recipientsPerCircuit) return own[0];
    if (this.#live.size < recipients) return undefined;
    const leaving = this.#crowding(now) ?? this.#silent(now);
    if (leaving === undefined) throw new Refusal('too-many');
    return leaving;
  }

  /** Those silent for too long: no y, or, without an attempt, not even a request. */
  overdue(now: number): Recipient[] {
    return this.all().filter((recipient) => {
      const { attempt, seenAt, silentSince } = recipient;
      return isSilent(recipient) && now - (attempt ? silentSince : seenAt) >= this.#limits.silentMs;
    });
  }

  /** None where the circuit is unknown */
  #through(circuit: number | undefined): Recipient[] {
    if (circuit === undefined) return [];
    return this.all().filter((recipient) => recipient.circuit === circuit);
  }

  #crowding(now: number): Recipient | undefined {
    let crowd = 1;
    let oldest: Recipient | undefined;
    for (const recipient of this.#live.values()) {
      const { length } = this.#through(recipient.circuit);
      if (length <= crowd || !this.#isPastGrace(recipient, now)) continue;
      crowd = length;
      oldest = recipient;
    }
    return oldest;
  }

  #silent(now: number): Recipient | undefined {
    return this.#first((recipient) => isSilent(recipient) && this.#isPastGrace(recipient, now));
  }

  #isPastGrace({ silentSince }: Recipient, now: number): boolean {
    return now - silentSince >= this.#limits.graceMs;
  }

  #first(matches: (recipient: Recipient) => boolean): Recipient | undefined {
    for (const recipient of this.#live.values()) if (matches(recipient)) return recipient;
    return undefined;
  }
}
