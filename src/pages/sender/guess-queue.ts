import { CircuitDraw } from '../../onion-http/circuit-draw.js';
import type { Caller } from '../../onion-http/circuits.js';
import type { GuessLimit } from '../../session/meeting/guess-limit.js';

/** Waiting guesses, one per circuit; more than there are connections. */
const WAITING_MAX = 512;
/** How long a guess may wait */
const WAIT_MAX_MS = 30_000;
/** How often waiting guesses are checked at least, the same as in the channel */
const CHECK_MAX_MS = 1_000;
/** And at most */
const CHECK_MIN_MS = 25;

export type Verdict = 'right' | 'wrong' | 'busy';

interface Waiting {
  readonly isRight: () => boolean;
  readonly caller: Caller;
  readonly circuit: number | undefined;
  readonly resolve: (verdict: Verdict) => void;
  readonly until: number;
}

/**
 * Checks full passwords of visitors who know the access words, at the rate limit of the sender's
 * channel. A circuit that was right once is not delayed again, because a page needs many requests.
 *
 * As in the channel, the next guess is drawn, so that a flood of guesses cannot push the others to
 * the end of a queue. One whose connection has ended is not judged any more.
 */
export class GuessQueue {
  readonly #guesses: GuessLimit;
  readonly #proved = new Set<number>();
  readonly #provedSockets = new WeakSet<object>();
  readonly #waiting = new Set<Waiting>();
  readonly #draw = new CircuitDraw();
  #timer: NodeJS.Timeout | undefined;

  /** @param guesses the limit of the sender's channel too, because both ways guess the same words */
  constructor(guesses: GuessLimit) {
    this.#guesses = guesses;
  }

  /** @param isRight compares in constant time; called at most once */
  judge(isRight: () => boolean, caller: Caller): Promise<Verdict> {
    if (this.#hasProved(caller)) return Promise.resolve(isRight() ? 'right' : 'wrong');
    if (this.#waiting.size === 0 && this.#guesses.tryTake()) {
      return Promise.resolve(this.#compare(isRight, caller));
    }
    return new Promise((resolve) => {
      const until = performance.now() + WAIT_MAX_MS;
      this.#wait({ isRight, caller, circuit: caller.circuit, resolve, until });
    });
  }

  #wait(guess: Waiting): void {
    const { circuit } = guess;
    const before = [...this.#waiting].find((other) => other.circuit === circuit);
    if (circuit !== undefined && before !== undefined) this.#leave(before, 'busy');
    if (this.#waiting.size >= WAITING_MAX) {
      guess.resolve('busy');
      return;
    }
    this.#waiting.add(guess);
    const pause = Math.min(Math.max(this.#guesses.intervalMs, CHECK_MIN_MS), CHECK_MAX_MS);
    this.#timer ??= setInterval(() => this.#check(), pause);
    this.#timer.unref();
  }

  #check(): void {
    const now = performance.now();
    for (const guess of this.#waiting) {
      if (guess.until <= now || guess.caller.socket.destroyed) this.#leave(guess, 'busy');
    }
    while (this.#waiting.size > 0 && this.#guesses.tryTake()) {
      const next = this.#draw.pick(this.#waiting);
      if (next !== undefined) this.#leave(next, this.#compare(next.isRight, next.caller));
    }
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #leave(guess: Waiting, verdict: Verdict): void {
    this.#waiting.delete(guess);
    guess.resolve(verdict);
  }

  #compare(isRight: () => boolean, { circuit, socket }: Caller): Verdict {
    if (!isRight()) {
      this.#draw.spend(circuit);
      return 'wrong';
    }
    this.#guesses.giveBack();
    if (circuit === undefined) this.#provedSockets.add(socket);
    else this.#proved.add(circuit);
    return 'right';
  }

  #hasProved({ circuit, socket }: Caller): boolean {
    return circuit === undefined ? this.#provedSockets.has(socket) : this.#proved.has(circuit);
  }
}
