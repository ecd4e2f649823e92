import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credentials } from '../base/authorization.js';
import { type Connected, callerOf, circuitOf } from './circuits.js';
import { GuessBrake, type Verdict } from './guess-brake.js';
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
  readonly #failures: AuthenticationFailures;
  readonly #brake: GuessBrake;
  readonly #onShut: (circuit: number) => void;
  readonly #audience: Audience | undefined;
  readonly #delayed = new Set<(answer: boolean) => void>();

  /** @param onShut called when a circuit is shut out */
  constructor(
    credentials: Credentials,
    limits: HttpLimits,
    onShut: (circuit: number) => void = () => undefined,
    audience?: Audience,
  ) {
    this.#audience = audience;
    this.matches = createAccessCheck(credentials);
    this.places = new Places(limits);
    this.#limits = limits;
    this.#failures = new AuthenticationFailures(limits, () => performance.now());
    this.#brake = new GuessBrake(limits, (circuit) => this.#failures.countOf(circuit));
    this.#onShut = onShut;
  }

  /**
   * Compares what a client has shown, as soon as the limit over all circuits allows it. One that was
   * right before does not wait.
   *
   * @param isRight compares in constant time; called at most once
   * @returns `busy` if it was not compared, because too many guess; its connection may be closed then
   */
  async judge(connection: Connected, isRight: () => boolean): Promise<Verdict> {
    const judgement = await this.#brake.judge(isRight, callerOf(connection));
    const { socket } = connection;
    // One that does not wait for answers, which would cost more than its requests.
    const isFlood = judgement === 'too-many' || (judgement === 'busy' && socket.destroyed);
    if (isFlood) this.failed(connection);
    if (judgement !== 'too-many') return judgement;
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

  /** Whether its circuit has failed too often: then it gets no answer, not even to the right password. */
  isShut(connection: Connected): boolean {
    return this.#failures.isShut(circuitOf(connection));
  }

  /** Counts a failure of its circuit: a wrong password, or what is no request, without one. */
  failed(connection: Connected): void {
    this.failedThrough(circuitOf(connection));
  }

  /** The same where the circuit alone is known. */
  failedThrough(circuit: number | undefined): void {
    const wasShut = this.#failures.isShut(circuit);
    this.#failures.add(circuit);
    if (circuit !== undefined && !wasShut && this.#failures.isShut(circuit)) this.#onShut(circuit);
  }

  /**
   * Counts a failure and holds its refusal back. A client with the right password never waits.
   *
   * @returns after the delay true: send the refusal; at once false if too many wait: close instead
   */
  delayRefusal(connection: Connected): Promise<boolean> {
    this.failed(connection);
    this.#audience?.refused();
    if (this.#delayed.size >= this.#limits.delayedRefusals || this.isShut(connection)) {
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
    this.#brake.close();
  }
}

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
    return this.countOf(circuit) >= this.#limits.authenticationFailures;
  }

  /** 0 where the circuit is unknown */
  countOf(circuit: number | undefined): number {
    if (circuit === undefined) return 0;
    this.#forget();
    return this.#circuits.get(circuit)?.count ?? 0;
  }

  #forget(): void {
    const since = this.#now() - this.#limits.authenticationFailuresMs;
    for (const [circuit, { lastAt }] of this.#circuits) {
      if (lastAt > since) return;
      this.#circuits.delete(circuit);
    }
  }
}
