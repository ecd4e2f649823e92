import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Credentials } from '../base/authorization.js';
import { AuthenticationFailures } from './authentication-failures.js';
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

export type AccessLimits = Pick<
  HttpLimits,
  | 'accessDelayMs'
  | 'delayedRefusals'
  | 'authenticationFailures'
  | 'authenticationFailuresMs'
  | 'unauthenticated'
>;

/**
 * The access check of one onion service, on all its ports. It knows which connections have not
 * authenticated yet, delays refusals, and shuts out circuits that keep guessing.
 */
export class Access {
  /** Compares with the service's own credentials. */
  readonly matches: AccessCheck;
  readonly #limits: AccessLimits;
  readonly #failures: AuthenticationFailures;
  readonly #unauthenticated: UnauthenticatedConnections;
  readonly #delayed = new Set<(answer: boolean) => void>();

  constructor(credentials: Credentials, limits: AccessLimits) {
    this.matches = createAccessCheck(credentials);
    this.#limits = limits;
    this.#failures = new AuthenticationFailures(limits, () => performance.now());
    this.#unauthenticated = new UnauthenticatedConnections(limits.unauthenticated);
  }

  /** A new connection; beyond the limit the oldest unauthenticated one is closed. */
  connected(socket: Socket): void {
    this.#unauthenticated.add(socket);
  }

  /** It has shown the right password, and is no longer closed to make room. */
  passed({ socket }: Connected): void {
    this.#unauthenticated.remove(socket);
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

/**
 * Connections that have not shown the right password yet. A client that has it shows it with its
 * first request; one that only occupies a connection is closed when others come.
 */
class UnauthenticatedConnections {
  readonly #max: number;
  /** Oldest first */
  readonly #sockets = new Set<Socket>();

  constructor(max: number) {
    this.#max = max;
  }

  add(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    const [oldest] = this.#sockets;
    if (this.#sockets.size > this.#max) oldest?.destroy();
  }

  /** It has shown the right password. */
  remove(socket: Socket): void {
    this.#sockets.delete(socket);
  }
}
