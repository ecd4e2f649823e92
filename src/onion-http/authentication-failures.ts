import type { HttpLimits } from './limits.js';

/** Circuits remembered: some 100 bytes each. Beyond it the one that was wrong longest ago is forgotten. */
const REMEMBERED = 4096;

interface Guesser {
  readonly wrong: number;
  readonly lastAt: number;
}

/**
 * Which circuits have guessed at the door. Somebody who guesses hangs up as soon as an answer is
 * not the right one, so a delay alone limits nothing: after some wrong doors a circuit is not
 * answered any more, be it right or wrong.
 */
export class AuthenticationFailures {
  readonly #limits: Pick<HttpLimits, 'authenticationFailures' | 'authenticationFailuresMs'>;
  readonly #now: () => number;
  /** In the order of the last wrong door */
  readonly #guessers = new Map<number, Guesser>();

  /** @param now milliseconds that only grow */
  constructor(
    limits: Pick<HttpLimits, 'authenticationFailures' | 'authenticationFailuresMs'>,
    now: () => number,
  ) {
    this.#limits = limits;
    this.#now = now;
  }

  /** A circuit was wrong; where none is told there is nothing to remember. */
  add(circuit: number | undefined): void {
    if (circuit === undefined) return;
    this.#forget();
    const wrong = (this.#guessers.get(circuit)?.wrong ?? 0) + 1;
    this.#guessers.delete(circuit);
    this.#guessers.set(circuit, { wrong, lastAt: this.#now() });
    const [oldest] = this.#guessers.keys();
    if (this.#guessers.size > REMEMBERED && oldest !== undefined) this.#guessers.delete(oldest);
  }

  isShut(circuit: number | undefined): boolean {
    if (circuit === undefined) return false;
    this.#forget();
    return (this.#guessers.get(circuit)?.wrong ?? 0) >= this.#limits.authenticationFailures;
  }

  #forget(): void {
    const since = this.#now() - this.#limits.authenticationFailuresMs;
    for (const [circuit, { lastAt }] of this.#guessers) {
      if (lastAt > since) return;
      this.#guessers.delete(circuit);
    }
  }
}
