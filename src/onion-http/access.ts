import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credentials } from '../base/authorization.js';
import { createGuessLimit, type GuessLimit } from '../session/meeting/guess-limit.js';
import { CircuitTries } from './circuit-tries.js';
import { type Connected, callerOf, circuitOf } from './circuits.js';
import { GuessQueue, type Verdict } from './guess-queue.js';
import type { HttpLimits } from './limits.js';
import { type Holder, Places } from './places.js';

/** Whether a user name and a password are the right ones. */
export type AccessCheck = (user: string, password: string) => boolean;

/**
 * Keeps keyed digests of the credentials, not the credentials. The time that a comparison takes
 * depends only on what the client has shown.
 */
export function createAccessCheck(credentials: Credentials): AccessCheck {
  const key = randomBytes(32);
  const digest = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
  const user = digest(credentials.user);
  const password = digest(credentials.password);
  return (shownUser, shownPassword) => {
    const sameUser = timingSafeEqual(digest(shownUser), user);
    const samePassword = timingSafeEqual(digest(shownPassword), password);
    return sameUser && samePassword;
  };
}

/** Who wants to know of visitors. It is told of each request: it has to be quick, and not to throw. */
export interface Audience {
  /** A request with the right password. @param circuit undefined where it is unknown */
  entered(circuit: number | undefined): void;
  /** A wrong password, which was judged. */
  refused(): void;
}

/**
 * The access check of one onion service, on all its ports. It knows which connections have not
 * authenticated yet, bounds guesses, delays refusals, and shuts out circuits that keep guessing.
 */
export class Access {
  /** Compares with the service's own credentials; `judge` says when. */
  readonly matches: AccessCheck;
  readonly places: Places;
  readonly #limits: HttpLimits;
  readonly #tries: CircuitTries;
  readonly #door: GuessQueue;
  readonly #queues = new Set<GuessQueue>();
  readonly #audience: Audience | undefined;
  readonly #delayed = new Set<(answer: boolean) => void>();

  constructor(
    credentials: Credentials,
    limits: HttpLimits,
    tries: CircuitTries = new CircuitTries(limits),
    audience?: Audience,
  ) {
    this.#audience = audience;
    this.matches = createAccessCheck(credentials);
    this.places = new Places(limits);
    this.#limits = limits;
    this.#tries = tries;
    const { guessBurst: burst, guessEveryMs: intervalMs } = limits;
    this.#door = this.queueFor(createGuessLimit({ burst, intervalMs }));
  }

  /** For guesses at another password behind this one, which has a limit of its own. It is closed here. */
  queueFor(guesses: GuessLimit): GuessQueue {
    const queue = new GuessQueue(guesses, this.#tries, this.#limits.guessWaitMs);
    this.#queues.add(queue);
    return queue;
  }

  /**
   * Compares what a client has shown, as soon as the limit over all circuits allows it. One that was
   * right before does not wait.
   *
   * @param isRight compares in constant time; called at most once
   * @param queue where it waits; default that of the service's own credentials
   * @returns `busy` if it was not compared, because too many guess; its connection may be closed then
   */
  async judge(
    connection: Connected,
    isRight: () => boolean,
    queue: GuessQueue = this.#door,
  ): Promise<Verdict> {
    const judgement = await queue.judge(isRight, callerOf(connection));
    const { socket } = connection;
    // One that does not wait for answers, which would cost more than its requests.
    const isFlood = judgement === 'dismissed' || (judgement === 'busy' && socket.destroyed);
    if (isFlood) this.failed(connection);
    if (judgement !== 'dismissed') return judgement;
    socket.destroy();
    return 'busy';
  }

  /**
   * It has shown the right password.
   *
   * @param holder what tells its client apart, where its circuit is unknown
   */
  passed(connection: Connected, holder?: Holder): void {
    this.places.pass(connection.socket, holder);
    this.#audience?.entered(circuitOf(connection));
  }

  /** As `CircuitTries` has it */
  isShut(connection: Connected): boolean {
    return this.#tries.isShut(circuitOf(connection));
  }

  /** Counts a failure of its circuit: a wrong password, or what is no request, without one. */
  failed(connection: Connected): void {
    this.#tries.fail(circuitOf(connection));
  }

  /**
   * Counts a failure, unless nobody can tell whether it is one, and holds its refusal back. A client
   * with the right password never waits.
   *
   * @returns after the delay true: send the refusal; at once false if its circuit was shut before, or
   *   too many wait: close instead
   */
  delayRefusal(
    connection: Connected,
    { isFailure = true }: { readonly isFailure?: boolean } = {},
  ): Promise<boolean> {
    const wasShut = this.isShut(connection);
    if (isFailure) {
      this.failed(connection);
      this.#audience?.refused();
    }
    if (this.#delayed.size >= this.#limits.delayedRefusals || wasShut) {
      return Promise.resolve(false);
    }
    return new Promise((resolve) => {
      const release = (answer: boolean): void => {
        clearTimeout(timer);
        this.#delayed.delete(release);
        resolve(answer);
      };
      const timer = setTimeout(() => release(true), this.#limits.accessDelayMs);
      this.#delayed.add(release);
    });
  }

  /** Ends all delays; their connections are to be closed. */
  close(): void {
    for (const release of this.#delayed) release(false);
    for (const queue of this.#queues) queue.close();
  }
}
