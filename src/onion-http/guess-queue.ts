import type { GuessLimit } from '../session/meeting/guess-limit.js';
import type { CircuitTries, Drawable } from './circuit-tries.js';
import type { Caller } from './circuits.js';

/** Circuits remembered that have shown the right password */
const PROVED_MAX = 4096;
/** Guesses of one circuit that wait: a browser asks with six connections at once. */
const WAITING_PER_CIRCUIT = 6;
/** Circuits that have guesses waiting; of more, one that has had most turns in vain is sent away. */
export const WAITING_CIRCUITS = 256;
/** How often those that wait are looked at, at least and at most */
const CHECK_MS = { least: 50, most: 1_000 };

export type Verdict = 'right' | 'wrong' | 'busy';
/**
 * `dismissed`: its circuit is shut, or has more guesses waiting than any client of ours or browser.
 * It gets no answer.
 */
export type Judgement = Verdict | 'dismissed';

interface Guess {
  readonly isRight: () => boolean;
  readonly caller: Caller;
  readonly resolve: (judgement: Judgement) => void;
  readonly until: number;
}

/** A circuit, or a connection whose circuit is unknown */
type Guesser = number | object;

interface Waiting extends Drawable {
  guesses: Guess[];
}

/** Default: all, as busy */
interface Leaving {
  readonly if?: (guess: Guess) => boolean;
  readonly as?: 'busy' | 'dismissed';
}

/**
 * Bounds how many wrong passwords are judged, over all circuits. A right one costs nothing, and its
 * circuit is not delayed again, because a page needs many requests.
 *
 * While more guesses come than are judged, the others wait. The next one is drawn from the circuits
 * that have had the fewest turns in vain: somebody who comes with the right password waits behind no
 * guesser who has been here before, only among those whose circuits are as new, and circuits cost
 * proof of work. One whose connection has ended is not judged: it would learn nothing.
 */
export class GuessQueue {
  readonly #limit: GuessLimit;
  readonly #tries: CircuitTries;
  readonly #waitMs: number;
  readonly #proved = new Set<number>();
  readonly #provedSockets = new WeakSet<object>();
  readonly #waiting = new Map<Guesser, Waiting>();
  #timer: NodeJS.Timeout | undefined;

  /** @param waitMs one that is not judged by then is sent away */
  constructor(limit: GuessLimit, tries: CircuitTries, waitMs: number) {
    this.#limit = limit;
    this.#tries = tries;
    this.#waitMs = waitMs;
  }

  /** @param isRight compares in constant time; called at most once */
  async judge(isRight: () => boolean, caller: Caller): Promise<Judgement> {
    if (this.#tries.isShut(caller.circuit)) return 'dismissed';
    if (this.#hasProved(caller)) return isRight() ? 'right' : 'wrong';
    if (this.#waiting.size === 0 && this.#limit.tryTake()) return this.#compare(isRight, caller);
    return await this.#wait(isRight, caller);
  }

  /** All that wait are told that they are not judged. */
  close(): void {
    for (const guesser of this.#waiting.keys()) this.#sendAway(guesser);
    this.#rest();
  }

  async #wait(isRight: () => boolean, caller: Caller): Promise<Judgement> {
    const guesser = guesserOf(caller);
    const waiting = this.#waiting.get(guesser) ?? { circuit: caller.circuit, guesses: [] };
    if (waiting.guesses.length >= WAITING_PER_CIRCUIT) return 'dismissed';
    const judgement = new Promise<Judgement>((resolve) => {
      const until = performance.now() + this.#waitMs;
      waiting.guesses.push({ isRight, caller, resolve, until });
    });
    this.#waiting.set(guesser, waiting);
    if (this.#waiting.size > WAITING_CIRCUITS) {
      const last = this.#tries.drawLast(this.#waiting.values());
      const [guess] = last?.guesses ?? [];
      if (guess !== undefined) this.#sendAway(guesserOf(guess.caller));
    }
    const pause = Math.min(Math.max(this.#limit.intervalMs, CHECK_MS.least), CHECK_MS.most);
    this.#timer ??= setInterval(() => this.#check(), pause).unref();
    return await judgement;
  }

  #check(): void {
    const now = performance.now();
    for (const [guesser, { circuit }] of this.#waiting) {
      if (this.#tries.isShut(circuit)) this.#sendAway(guesser, { as: 'dismissed' });
      else
        this.#sendAway(guesser, { if: (one) => one.until <= now || one.caller.socket.destroyed });
    }
    while (this.#waiting.size > 0 && this.#limit.tryTake()) {
      const guess = this.#tries.drawNext(this.#waiting.values())?.guesses[0];
      if (guess !== undefined) this.#judgeNext(guess);
    }
    if (this.#waiting.size === 0) this.#rest();
  }

  #judgeNext(guess: Guess): void {
    const guesser = guesserOf(guess.caller);
    const verdict = this.#compare(guess.isRight, guess.caller);
    guess.resolve(verdict);
    this.#sendAway(guesser, { if: (other) => other === guess });
    if (verdict !== 'right') return;
    // The others of its circuit wait no longer.
    for (const other of this.#waiting.get(guesser)?.guesses ?? []) {
      other.resolve(other.isRight() ? 'right' : 'wrong');
    }
    this.#waiting.delete(guesser);
  }

  /** Those that have their verdict already hear nothing of this one. */
  #sendAway(guesser: Guesser, which: Leaving = {}): void {
    const { if: isLeaving = () => true, as = 'busy' } = which;
    const waiting = this.#waiting.get(guesser);
    if (waiting === undefined) return;
    const leaving = waiting.guesses.filter(isLeaving);
    waiting.guesses = waiting.guesses.filter((guess) => !leaving.includes(guess));
    if (waiting.guesses.length === 0) this.#waiting.delete(guesser);
    for (const { resolve } of leaving) resolve(as);
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #compare(isRight: () => boolean, { circuit, socket }: Caller): Verdict {
    if (!isRight()) return 'wrong';
    this.#limit.giveBack();
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

function guesserOf({ circuit, socket }: Caller): Guesser {
  return circuit ?? socket;
}
