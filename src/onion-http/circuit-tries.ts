import { DEFAULT_HTTP_LIMITS, type HttpLimits } from './limits.js';

/** Circuits remembered, some 100 bytes each; beyond it the one heard of longest ago is forgotten. */
const REMEMBERED = 4096;

/** Something that waits for its turn */
export interface Drawable {
  /** tor's number of the circuit that it came through; where it is unknown, one of its own */
  readonly circuit: number | undefined;
}

interface Tries {
  /** Turns that came to nothing, failures among them */
  spent: number;
  failed: number;
  lastAt: number;
}

type TriesLimits = Pick<HttpLimits, 'authenticationFailures' | 'authenticationFailuresMs'>;

/**
 * What each circuit has tried in vain, at all doors of one onion service: wrong passwords, wrong
 * names, refused answers. It decides two things.
 *
 * Which circuits are shut out: a delay alone limits nothing, since a guesser hangs up as soon as the
 * answer takes longer than the right one would. So after some failures a circuit is not answered any
 * more, whatever it shows.
 *
 * And who is next of a crowd. Circuits are drawn, not what waits on them, so that asking often gains
 * nothing; and of those that wait, only the circuits that have had the fewest turns in vain take part
 * in the draw. So a flood through circuits that stay delays a newcomer by one turn, and a flood
 * through fresh ones by as many as there are of them.
 */
export class CircuitTries {
  readonly #limits: TriesLimits;
  readonly #now: () => number;
  /** In the order of the last try */
  readonly #circuits = new Map<number, Tries>();
  #onShut: (circuit: number) => void = () => undefined;

  /** @param now a clock in milliseconds that never goes back */
  constructor(
    limits: TriesLimits = DEFAULT_HTTP_LIMITS,
    now: () => number = () => performance.now(),
  ) {
    this.#limits = limits;
    this.#now = now;
  }

  /** @param listener told of each circuit when it is shut out; replaces an earlier one */
  whenShut(listener: (circuit: number) => void): void {
    this.#onShut = listener;
  }

  /** A turn of this circuit has come to nothing. Where it is unknown there is nothing to remember. */
  spend(circuit: number | undefined): void {
    if (circuit !== undefined) this.#note(circuit);
  }

  /** The same, and it was wrong: a wrong password, name or answer, or what is no request. */
  fail(circuit: number | undefined): void {
    if (circuit === undefined) return;
    const tries = this.#note(circuit);
    tries.failed++;
    if (tries.failed === this.#limits.authenticationFailures) this.#onShut(circuit);
  }

  /** Whether its circuit has failed too often: then it gets no answer, not even to the right password. */
  isShut(circuit: number | undefined): boolean {
    return (this.#of(circuit)?.failed ?? 0) >= this.#limits.authenticationFailures;
  }

  /** 0 where the circuit is unknown */
  spentBy(circuit: number | undefined): number {
    return this.#of(circuit)?.spent ?? 0;
  }

  /** By lot of the circuits that have spent least. @returns undefined if nobody waits */
  drawNext<Waiting extends Drawable>(crowd: Iterable<Waiting>): Waiting | undefined {
    return this.#draw(crowd, (spent, least) => spent < least);
  }

  /** By lot of those that have spent most: who gives way to others. */
  drawLast<Waiting extends Drawable>(crowd: Iterable<Waiting>): Waiting | undefined {
    return this.#draw(crowd, (spent, most) => spent > most);
  }

  #draw<Waiting extends Drawable>(
    crowd: Iterable<Waiting>,
    isBefore: (spent: number, others: number) => boolean,
  ): Waiting | undefined {
    let drawn: number | undefined;
    /** By circuit; what has none is a group of its own. */
    const groups = new Map<unknown, Waiting[]>();
    for (const one of crowd) {
      const spent = this.spentBy(one.circuit);
      drawn ??= spent;
      if (isBefore(spent, drawn)) groups.clear();
      else if (spent !== drawn) continue;
      drawn = spent;
      const key = one.circuit ?? one;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [one]);
      else group.push(one);
    }
    return anyOf(anyOf([...groups.values()]) ?? []);
  }

  #note(circuit: number): Tries {
    const tries = this.#of(circuit) ?? { spent: 0, failed: 0, lastAt: 0 };
    tries.spent++;
    tries.lastAt = this.#now();
    this.#circuits.delete(circuit);
    this.#circuits.set(circuit, tries);
    const [oldest] = this.#circuits.keys();
    if (this.#circuits.size > REMEMBERED && oldest !== undefined) this.#circuits.delete(oldest);
    return tries;
  }

  #of(circuit: number | undefined): Tries | undefined {
    if (circuit === undefined) return undefined;
    const since = this.#now() - this.#limits.authenticationFailuresMs;
    for (const [other, { lastAt }] of this.#circuits) {
      if (lastAt > since) break;
      this.#circuits.delete(other);
    }
    return this.#circuits.get(circuit);
  }
}

/** Any of a few hundred: the bias of the remainder does not matter. */
function anyOf<Value>(values: readonly Value[]): Value | undefined {
  // As a rule one waits, and to ask for chance is a system call.
  if (values.length < 2) return values[0];
  const [draw = 0] = crypto.getRandomValues(new Uint32Array(1));
  return values[draw % values.length];
}
