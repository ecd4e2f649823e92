import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credentials } from '../base/authorization.js';
import { AuthenticationFailures } from './authentication-failures.js';
import type { Caller } from './caller.js';
import type { HttpLimits } from './limits.js';

/** Whether somebody may come in. */
export type AccessCheck = (user: string, password: string) => boolean;

/**
 * A door that one user name and password open. It keeps neither, only keyed digests, and compares
 * in a time that depends on what was shown alone.
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
  'accessDelayMs' | 'delayedRefusals' | 'authenticationFailures' | 'authenticationFailuresMs'
>;

/**
 * Holds up those who were wrong, a bounded number at a time, and never those who were right, except
 * on a circuit that has been wrong too often.
 */
export class AccessDelay {
  readonly #limits: AccessLimits;
  readonly #authenticationFailures: AuthenticationFailures;
  readonly #pending = new Set<(answer: boolean) => void>();

  constructor(limits: AccessLimits) {
    this.#limits = limits;
    this.#authenticationFailures = new AuthenticationFailures(limits, () => performance.now());
  }

  /** Whether nothing that comes through this circuit is answered, be it right or wrong */
  isShut({ circuit }: Caller): boolean {
    return this.#authenticationFailures.isShut(circuit);
  }

  /** @returns after the delay whether to answer at all; at once false if too many are waiting */
  hold({ circuit }: Caller): Promise<boolean> {
    this.#authenticationFailures.add(circuit);
    if (this.#pending.size >= this.#limits.delayedRefusals) return Promise.resolve(false);
    return new Promise((resolve) => {
      const release = (answer: boolean): void => {
        clearTimeout(timer);
        this.#pending.delete(release);
        resolve(answer);
      };
      const timer = setTimeout(() => release(true), this.#limits.accessDelayMs);
      this.#pending.add(release);
    });
  }

  close(): void {
    for (const release of this.#pending) release(false);
  }
}
