import type { Caller } from '../../onion-http/caller.js';
import type { GuessLimit } from '../../session/meeting/guess-limit.js';

/** Guesses that wait for their turn, one for each circuit. Beyond it any of them has to give way. */
const WAITING_MAX = 16;
/** How long a browser is kept waiting for its turn. */
const WAIT_MAX_MS = 30_000;
/** How often those who wait are looked after: as often as the channel looks at answers that wait. */
const LOOK_MS = 1_000;

export type Verdict = 'right' | 'wrong' | 'busy';

interface Waiting {
  readonly isRight: () => boolean;
  readonly caller: Caller;
  readonly settle: (verdict: Verdict) => void;
  readonly until: number;
}

export interface GuessQueueOptions {
  /** Of the limit that the sender's channel has too: whichever way is tried, it is the same words. */
  readonly guesses: GuessLimit;
}

/**
 * Judges whole passwords of those who know the door, as slowly as the sender's channel judges
 * answers. Who was right through a circuit is not held up on it again: a page is many requests.
 *
 * Like in the channel, any of those who wait is judged next, not the first: whoever floods must not
 * push the others to the end.
 */
export class GuessQueue {
  readonly #guesses: GuessLimit;
  readonly #proved = new Set<number>();
  readonly #provedSockets = new WeakSet<object>();
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor({ guesses }: GuessQueueOptions) {
    this.#guesses = guesses;
  }

  /** @param isRight compares, in constant time; asked once at most */
  judge(isRight: () => boolean, caller: Caller): Promise<Verdict> {
    if (this.#hasProved(caller)) return Promise.resolve(isRight() ? 'right' : 'wrong');
    if (this.#waiting.length === 0 && this.#guesses.tryTake()) {
      return Promise.resolve(this.#compare(isRight, caller));
    }
    return new Promise((settle) => {
      this.#enter({ isRight, caller, settle, until: performance.now() + WAIT_MAX_MS });
    });
  }

  #enter(unauthenticated: Waiting): void {
    const { circuit } = unauthenticated.caller;
    const before = this.#waiting.find(({ caller }) => caller.circuit === circuit);
    if (circuit !== undefined && before !== undefined) this.#leave(before, 'busy');
    this.#waiting.push(unauthenticated);
    if (this.#waiting.length > WAITING_MAX) this.#leave(this.#any(), 'busy');
    this.#timer ??= setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
  }

  #look(): void {
    const now = performance.now();
    for (const late of this.#waiting.filter(({ until }) => until <= now)) this.#leave(late, 'busy');
    while (this.#waiting.length > 0 && this.#guesses.tryTake()) {
      const next = this.#any();
      this.#leave(next, next && this.#compare(next.isRight, next.caller));
    }
    if (this.#waiting.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #any(): Waiting | undefined {
    return this.#waiting[Math.floor(Math.random() * this.#waiting.length)];
  }

  #leave(one: Waiting | undefined, verdict: Verdict | undefined): void {
    this.#waiting = this.#waiting.filter((other) => other !== one);
    one?.settle(verdict ?? 'busy');
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
