import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Credentials } from '../base/authorization.js';
import { type Connected, circuitOf } from './circuits.js';
import type { HttpLimits } from './limits.js';

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

/**
 * The access check of one onion service, on all its ports. It knows which connections have not
 * authenticated yet, delays refusals, and shuts out circuits that keep guessing.
 */
export class Access {
  /** Compares with the service's own credentials. */
  readonly matches: AccessCheck;
  readonly #limits: HttpLimits;
  readonly #failures: AuthenticationFailures;
  /** Connections that have not shown the right password yet, oldest first */
  readonly #unauthenticated = new Set<Socket>();
  readonly #delayed = new Set<(answer: boolean) => void>();

  constructor(credentials: Credentials, limits: HttpLimits) {
    this.matches = createAccessCheck(credentials);
    this.#limits = limits;
    this.#failures = new AuthenticationFailures(limits, () => performance.now());
  }

  /**
   * A new connection; beyond the limit the oldest unauthenticated one is closed. A client that has
   * the password shows it with its first request, so only one that occupies a connection is closed.
   */
  connected(socket: Socket): void {
    this.#unauthenticated.add(socket);
    socket.once('close', () => this.#unauthenticated.delete(socket));
    const [oldest] = this.#unauthenticated;
    if (this.#unauthenticated.size > this.#limits.unauthenticated) oldest?.destroy();
  }

  /** It has shown the right password, and is no longer closed to make room. */
  passed({ socket }: Connected): void {
    this.#unauthenticated.delete(socket);
  }

  /** Whether its circuit has failed too often: then it gets no answer, not even to the right password. */
  isShut(connection: Connected): boolean {
    return this.#failures.isShut(circuitOf(connection));
  }

  /**
   * Counts a failure and holds its refusal back. A client with the right password never waits.
   *
   * @returns after the delay true: send the refusal; at once false if too many wait: close instead
   */
  delayRefusal(connection: Connected): Promise<boolean> {
    this.#failures.add(circuitOf(connection));
    if (this.#delayed.size >= this.#limits.delayedRefusals) return Promise.resolve(false);
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
