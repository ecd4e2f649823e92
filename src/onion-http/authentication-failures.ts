import type { HttpLimits } from './limits.js';

/** Circuits remembered, some 100 bytes each. Beyond it the one that failed longest ago is forgotten. */
const REMEMBERED = 4096;

interface Failures {
  readonly count: number;
  readonly lastAt: number;
}

type FailureLimits = Pick<HttpLimits, 'authenticationFailures' | 'authenticationFailuresMs'>;

/**
 * Which circuits have shown wrong passwords. A delay alone limits nothing, since a guesser hangs up
 * as soon as the answer takes longer than the right one would. So after some failures a circuit is
 * not answered any more, whatever it shows.
 */
export class AuthenticationFailures {
  readonly #limits: FailureLimits;
  readonly #now: () => number;
  /** In the order of the last failure */
  readonly #circuits = new Map<number, Failures>();

  /** @param now a clock in milliseconds that never goes back */
  constructor(limits: FailureLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** Where the circuit is unknown there is nothing to remember. */
  add(circuit: number | undefined): void {
    if (circuit === undefined) return;
    this.#forget();
    const count = (this.#circuits.get(circuit)?.count ?? 0) + 1;
    this.#circuits.delete(circuit);
    this.#circuits.set(circuit, { count, lastAt: this.#now() });
    const [oldest] = this.#circuits.keys();
    if (this.#circuits.size > REMEMBERED && oldest !== undefined) this.#circuits.delete(oldest);
  }

  isShut(circuit: number | undefined): boolean {
    if (circuit === undefined) return false;
    this.#forget();
    return (this.#circuits.get(circuit)?.count ?? 0) >= this.#limits.authenticationFailures;
  }

  #forget(): void {
    const since = this.#now() - this.#limits.authenticationFailuresMs;
    for (const [circuit, { lastAt }] of this.#circuits) {
      if (lastAt > since) return;
      this.#circuits.delete(circuit);
    }
  }
}
