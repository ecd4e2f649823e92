import type { ParticipantId } from '../protocol.js';
import { isSilent, type Recipient } from './participant.js';

/** The live recipients of a channel, in order of joining. */
export class Recipients {
  readonly #live = new Map<ParticipantId, Recipient>();

  get size(): number {
    return this.#live.size;
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

  keepOnly({ id: kept }: Recipient): void {
    for (const id of this.#live.keys()) if (id !== kept) this.#live.delete(id);
  }

  joinedWith(nonce: string): Recipient | undefined {
    return this.#first((recipient) => recipient.nonce === nonce);
  }

  /** The one that has waited longest for an offer */
  waiting(): Recipient | undefined {
    return this.#first(({ attempt }) => attempt === undefined);
  }

  /** The oldest that has been silent past its grace, whose place another may have */
  givingWay(now: number, graceMs: number): Recipient | undefined {
    return this.#first(
      (recipient) => isSilent(recipient) && now - recipient.silentSince >= graceMs,
    );
  }

  /** Those that have said nothing for too long: no y, or, without an offer, not even a question. */
  overdue(now: number, silentMs: number): Recipient[] {
    return [...this.#live.values()].filter((recipient) => {
      const { attempt, seenAt, silentSince } = recipient;
      return isSilent(recipient) && now - (attempt ? silentSince : seenAt) >= silentMs;
    });
  }

  #first(matches: (recipient: Recipient) => boolean): Recipient | undefined {
    for (const recipient of this.#live.values()) if (matches(recipient)) return recipient;
    return undefined;
  }
}
