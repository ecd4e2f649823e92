/** Circuits remembered, some 100 bytes each; beyond it the one heard of longest ago is forgotten. */
const REMEMBERED = 4096;

/** Something that waits for its turn */
export interface Drawable {
  /** tor's number of the circuit that it came through; where it is unknown, one of its own */
  readonly circuit: number | undefined;
}

/**
 * Who is next of a crowd. Circuits are drawn, not what waits on them, so that asking often gains
 * nothing; and of those that wait, only the circuits that have had the fewest turns in vain take part
 * in the draw. So a flood through circuits that stay delays a newcomer by one turn, and a flood
 * through fresh ones by as many as there are of them.
 */
export class CircuitDraw {
  /** Turns that came to nothing, by circuit, in the order of the last one */
  readonly #spent = new Map<number, number>();

  /** A turn of this circuit has come to nothing. */
  spend(circuit: number | undefined): void {
    if (circuit === undefined) return;
    const count = this.spentBy(circuit) + 1;
    this.#spent.delete(circuit);
    this.#spent.set(circuit, count);
    const [oldest] = this.#spent.keys();
    if (this.#spent.size > REMEMBERED && oldest !== undefined) this.#spent.delete(oldest);
  }

  spentBy(circuit: number | undefined): number {
    return circuit === undefined ? 0 : (this.#spent.get(circuit) ?? 0);
  }

  /** @returns undefined if nobody waits */
  pick<Waiting extends Drawable>(crowd: Iterable<Waiting>): Waiting | undefined {
    let fewest = Infinity;
    /** By circuit; what has none is a group of its own. */
    const groups = new Map<unknown, Waiting[]>();
    for (const one of crowd) {
      const spent = this.spentBy(one.circuit);
      if (spent > fewest) continue;
      if (spent < fewest) groups.clear();
      fewest = spent;
      const key = one.circuit ?? one;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [one]);
      else group.push(one);
    }
    return anyOf(anyOf([...groups.values()]) ?? []);
  }
}

/** Any of a few hundred: the bias of the remainder does not matter. */
function anyOf<Value>(values: readonly Value[]): Value | undefined {
  const [draw = 0] = crypto.getRandomValues(new Uint32Array(1));
  return values[draw % (values.length || 1)];
}
