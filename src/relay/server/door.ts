import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Credentials } from '../authorization.js';
import type { RelayLimits } from '../limits.js';

/** Whether somebody may come in. */
export type Door = (user: string, password: string) => boolean;

/**
 * A door that one user name and password open. It keeps neither, only keyed digests, and compares
 * in a time that depends on what was shown alone.
 */
export function createDoor(credentials: Credentials): Door {
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

/** Holds up those who were wrong, a bounded number at a time, and never those who were right. */
export class DoorDelay {
  readonly #limits: Pick<RelayLimits, 'doorDelayMs' | 'doorsPending'>;
  readonly #closing = new AbortController();
  #pending = 0;

  constructor(limits: Pick<RelayLimits, 'doorDelayMs' | 'doorsPending'>) {
    this.#limits = limits;
  }

  /** @returns after the delay whether to answer at all; at once false if too many are waiting */
  async hold(): Promise<boolean> {
    if (this.#pending >= this.#limits.doorsPending) return false;
    this.#pending++;
    try {
      await delay(this.#limits.doorDelayMs, undefined, { signal: this.#closing.signal });
      return true;
    } catch {
      return false;
    } finally {
      this.#pending--;
    }
  }

  close(): void {
    this.#closing.abort();
  }
}
