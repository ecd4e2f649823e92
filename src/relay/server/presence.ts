import type { Caller } from '../../onion-http/circuits.js';
import type { ParticipantId } from '../../relay-protocol/wire.js';

/**
 * Which live circuits each participant of a channel uses. A circuit is live while one of its
 * connections that named the participant is open. Behind an onion all clients have the same
 * address, so this stands in for "never more than two addresses".
 */
export class Presence {
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
