import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Credentials } from '../authorization.js';
import type { RelayLimits } from '../limits.js';
import type { Caller } from './presence.js';
import { WrongDoors } from './wrong-doors.js';

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

export type DoorLimits = Pick<
  RelayLimits,
  'doorDelayMs' | 'doorsPending' | 'wrongDoors' | 'wrongDoorsMs'
>;

/**
 * Holds up those who were wrong, a bounded number at a time, and never those who were right, except
 * on a circuit that has been wrong too often.
 */
export class DoorDelay {
  readonly #limits: DoorLimits;
  readonly #wrongDoors: WrongDoors;
  readonly #pending = new Set<(answer: boolean) => void>();

  constructor(limits: DoorLimits) {
    this.#limits = limits;
    this.#wrongDoors = new WrongDoors(limits, () => performance.now());
  }

  /** Whether nothing that comes through this circuit is answered, be it right or wrong */
  isShut({ circuit }: Caller): boolean {
    return this.#wrongDoors.isShut(circuit);
  }

  /** @returns after the delay whether to answer at all; at once false if too many are waiting */
  hold({ circuit }: Caller): Promise<boolean> {
    this.#wrongDoors.add(circuit);
    if (this.#pending.size >= this.#limits.doorsPending) return Promise.resolve(false);
    return new Promise((resolve) => {
      const release = (answer: boolean): void => {
        clearTimeout(timer);
        this.#pending.delete(release);
        resolve(answer);
      };
      const timer = setTimeout(() => release(true), this.#limits.doorDelayMs);
      this.#pending.add(release);
    });
  }

  close(): void {
    for (const release of this.#pending) release(false);
  }
}
