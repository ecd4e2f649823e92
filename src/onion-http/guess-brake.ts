import { createGuessLimit, type GuessLimit } from '../session/meeting/guess-limit.js';
import type { Caller } from './circuits.js';
import type { HttpLimits } from './limits.js';

/** Circuits remembered that have shown the right password */
const PROVED_MAX = 4096;
/** Guesses of one circuit that wait: a browser asks with six connections at once. */
const WAITING_PER_CIRCUIT = 6;
/** Circuits that have guesses waiting; of more, one that has failed most is sent away. */
export const WAITING_CIRCUITS = 256;

export type Verdict = 'right' | 'wrong' | 'busy';
/** `too-many`: its circuit has more guesses waiting than any client of ours or browser. */
export type Judgement = Verdict | 'too-many';

type BrakeLimits = Pick<HttpLimits, 'guessBurst' | 'guessEveryMs' | 'guessWaitMs'>;

interface Guess {
  readonly socket: Caller['socket'];
  readonly isRight: () => boolean;
  readonly resolve: (verdict: Verdict) => void;
  readonly until: number;
}

/** A circuit, or a connection whose circuit is unknown */
type Guesser = number | object;

/**
 * Bounds how many wrong passwords are judged, over all circuits. A right one costs nothing, and its
 * circuit is not delayed again.
 *
 * While more guesses come than are judged, the others wait. The next one is drawn from the circuits
 * that have failed least: somebody who comes with the right password waits behind no guesser who has
 * been here before, only among those whose circuits are as new, and circuits cost proof of work.
 */
export class GuessBrake {
  readonly #limits: BrakeLimits;
  readonly #failuresOf: (circuit: number | undefined) => number;
  readonly #guesses: GuessLimit;
  readonly #proved = new Set<number>();
  readonly #provedSockets = new WeakSet<object>();
  readonly #waiting = new Map<Guesser, Guess[]>();
  #timer: NodeJS.Timeout | undefined;

  /** @param failuresOf how often a circuit has been wrong */
  constructor(limits: BrakeLimits, failuresOf: (circuit: number | undefined) => number) {
    this.#limits = limits;
    this.#failuresOf = failuresOf;
    this.#guesses = createGuessLimit({
      burst: limits.guessBurst,
      intervalMs: limits.guessEveryMs,
    });
  }

  /** @param isRight compares in constant time; called at most once */
  async judge(isRight: () => boolean, caller: Caller): Promise<Judgement> {
    if (this.#hasProved(caller)) return isRight() ? 'right' : 'wrong';
    if (this.#waiting.size === 0 && this.#guesses.tryTake()) return this.#compare(isRight, caller);
    return await this.#wait(isRight, caller);
  }

  /** All that wait are told that they are not judged. */
  close(): void {
    for (const guesser of this.#waiting.keys()) this.#sendAway(guesser);
    clearInterval(this.#timer);
  }

  async #wait(isRight: () => boolean, caller: Caller): Promise<Judgement> {
    const guesser = caller.circuit ?? caller.socket;
    const own = this.#waiting.get(guesser) ?? [];
    if (own.length >= WAITING_PER_CIRCUIT) return 'too-many';
    const verdict = new Promise<Verdict>((resolve) => {
      const until = performance.now() + this.#limits.guessWaitMs;
      const { socket } = caller;
      const compare = (): boolean => this.#compare(isRight, caller) === 'right';
      own.push({ socket, isRight: compare, resolve, until });
    });
    this.#waiting.set(guesser, own);
    if (this.#waiting.size > WAITING_CIRCUITS) this.#sendAway(this.#draw('most'));
    this.#timer ??= setInterval(() => this.#next(), this.#limits.guessEveryMs).unref();
    return await verdict;
  }

  #next(): void {
    const now = performance.now();
    for (const [guesser, guesses] of this.#waiting) {
      if (guesses.every(({ until }) => until <= now)) this.#sendAway(guesser);
    }
    while (this.#waiting.size > 0 && this.#guesses.tryTake())
      this.#judgeNextOf(this.#draw('least'));
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #judgeNextOf(guesser: Guesser | undefined): void {
    const guesses = guesser === undefined ? undefined : this.#waiting.get(guesser);
    const guess = guesses?.shift();
    if (guesser === undefined || guesses === undefined || guess === undefined) return;
    if (guesses.length === 0) this.#waiting.delete(guesser);
    if (guess.socket.destroyed) {
      // It learns nothing, so it uses up nothing.
      this.#guesses.giveBack();
      guess.resolve('busy');
    } else if (guess.isRight()) {
      // The others of its circuit wait no longer.
      this.#waiting.delete(guesser);
      guess.resolve('right');
      for (const other of guesses) other.resolve(other.isRight() ? 'right' : 'wrong');
    } else {
      guess.resolve('wrong');
    }
  }

  /** By lot from those that have failed least, or most. */
  #draw(which: 'least' | 'most'): Guesser | undefined {
    const all = [...this.#waiting.keys()].map((guesser) => ({
      guesser,
      failures: this.#failuresOf(typeof guesser === 'number' ? guesser : undefined),
    }));
    const failures = all.map((one) => one.failures);
    const wanted = which === 'least' ? Math.min(...failures) : Math.max(...failures);
    const drawn = all.filter((one) => one.failures === wanted);
    return drawn[Math.floor(Math.random() * drawn.length)]?.guesser;
  }

  #sendAway(guesser: Guesser | undefined): void {
    if (guesser === undefined) return;
    const guesses = this.#waiting.get(guesser) ?? [];
    this.#waiting.delete(guesser);
    for (const { resolve } of guesses) resolve('busy');
  }

  #compare(isRight: () => boolean, { circuit, socket }: Caller): Verdict {
    if (!isRight()) return 'wrong';
    this.#guesses.giveBack();
    if (circuit === undefined) this.#provedSockets.add(socket);
    else this.#proved.add(circuit);
    const [oldest] = this.#proved;
    if (this.#proved.size > PROVED_MAX && oldest !== undefined) this.#proved.delete(oldest);
    return 'right';
  }

  #hasProved({ circuit, socket }: Caller): boolean {
    return circuit === undefined ? this.#provedSockets.has(socket) : this.#proved.has(circuit);
  }
}
