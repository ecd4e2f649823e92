import type { Caller } from '../../onion-http/circuits.js';
import { Refusal } from '../../relay-protocol/refusal.js';
import type { ParticipantId } from '../../relay-protocol/wire.js';

/** The connections that named a participant, by their circuits */
type Circuits = Map<number, Set<Caller['socket']>>;

/**
 * Which live circuits each participant uses. A circuit is live while one of its connections that
 * named the participant is open. Behind an onion all clients have the same address, so this stands
 * in for "never more than two addresses".
 */
export class Presence {
  readonly #circuits = new Map<ParticipantId, Circuits>();

  /** @throws Refusal too-many if that would be more than `allowed` circuits */
  admit(id: ParticipantId, { socket, circuit }: Caller, allowed: number): void {
    if (circuit === undefined) return;
    const circuits: Circuits = this.#circuits.get(id) ?? new Map<number, Set<Caller['socket']>>();
    for (const [number, sockets] of circuits) {
      for (const known of sockets) if (known.destroyed) sockets.delete(known);
      if (sockets.size === 0) circuits.delete(number);
    }
    if (!circuits.has(circuit) && circuits.size >= allowed) throw new Refusal('too-many');
    circuits.set(circuit, (circuits.get(circuit) ?? new Set()).add(socket));
    this.#circuits.set(id, circuits);
  }

  /** Whether it has a connection; true where that is not known. */
  isHere(id: ParticipantId): boolean {
    const circuits = this.#circuits.get(id);
    if (circuits === undefined) return true;
    for (const sockets of circuits.values()) {
      for (const { destroyed } of sockets) if (!destroyed) return true;
    }
    return false;
  }

  /** Takes over what is known of a participant. */
  inherit(id: ParticipantId, from: Presence): void {
    const circuits = from.#circuits.get(id);
    if (circuits !== undefined) this.#circuits.set(id, circuits);
    from.#circuits.delete(id);
  }

  /** Forgets participants that are gone. */
  keep(isPresent: (id: ParticipantId) => boolean): void {
    for (const id of this.#circuits.keys()) if (!isPresent(id)) this.#circuits.delete(id);
  }
}
