import type { Caller } from '../../onion-http/circuits.js';
import type { GuessLimit } from '../../session/meeting/guess-limit.js';

/** Waiting guesses, one per circuit. Beyond this, a random one is dropped. */
const WAITING_MAX = 16;
/** How long a guess may wait */
const WAIT_MAX_MS = 30_000;
/** How often waiting guesses are checked, the same as in the channel */
const CHECK_MS = 1_000;

export type Verdict = 'right' | 'wrong' | 'busy';

interface Waiting {
  readonly isRight: () => boolean;
  readonly caller: Caller;
  readonly resolve: (verdict: Verdict) => void;
  readonly until: number;
}

/**
 * Checks full passwords of visitors who know the access words, at the rate limit of the sender's
 * channel. A circuit that was right once is not delayed again, because a page needs many requests.
 *
 * As in the channel, the next guess is chosen at random, so that a flood of guesses cannot push the
 * others to the end of a queue.
 */
export class GuessQueue {
  readonly #guesses: GuessLimit;
  readonly #proved = new Set<number>();
  readonly #provedSockets = new WeakSet<object>();
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param guesses the limit of the sender's channel too, because both ways guess the same words */
  constructor(guesses: GuessLimit) {
    this.#guesses = guesses;
  }

  /** @param isRight compares in constant time; called at most once */
  judge(isRight: () => boolean, caller: Caller): Promise<Verdict> {
    if (this.#hasProved(caller)) return Promise.resolve(isRight() ? 'right' : 'wrong');
    if (this.#waiting.length === 0 && this.#guesses.tryTake()) {
      return Promise.resolve(this.#compare(isRight, caller));
    }
    return new Promise((resolve) => {
      this.#wait({ isRight, caller, resolve, until: performance.now() + WAIT_MAX_MS });
    });
  }

  #wait(guess: Waiting): void {
    const { circuit } = guess.caller;
    const before = this.#waiting.find(({ caller }) => caller.circuit === circuit);
    if (circuit !== undefined && before !== undefined) this.#leave(before, 'busy');
    this.#waiting.push(guess);
    if (this.#waiting.length > WAITING_MAX) this.#leave(this.#random(), 'busy');
    this.#timer ??= setInterval(() => this.#check(), CHECK_MS);
    this.#timer.unref();
  }

  #check(): void {
    const now = performance.now();
    for (const late of this.#waiting.filter(({ until }) => until <= now)) this.#leave(late, 'busy');
    while (this.#waiting.length > 0 && this.#guesses.tryTake()) {
      const next = this.#random();
      this.#leave(next, next && this.#compare(next.isRight, next.caller));
    }
    if (this.#waiting.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #random(): Waiting | undefined {
    return this.#waiting[Math.floor(Math.random() * this.#waiting.length)];
  }

  #leave(guess: Waiting | undefined, verdict: Verdict | undefined): void {
    this.#waiting = this.#waiting.filter((other) => other !== guess);
    guess?.resolve(verdict ?? 'busy');
  }

  #compare(isRight: () => boolean, { circuit, socket }: Caller): Verdict {
    if (!isRight()) return 'wrong';
    this.#guesses.giveBack();
    if (circuit === undefined) this.#provedSockets.add(socket);
    else this.#proved.add(circuit);
    return 'right';
  }

  #hasProved({ circuit, socket }: Caller): boolean {
    return circuit === undefined ? this.#provedSockets.has(socket) : this.#proved.has(circuit);
  }
}
