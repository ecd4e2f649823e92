import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
import { type Access, createAccessCheck } from '../../onion-http/access.js';
import type { SignedLinks } from '../../onion-http/basic-auth.js';
import { requireBasicAuth, type Unauthorized } from '../../onion-http/basic-auth.js';
import { callerOf } from '../../onion-http/circuits.js';
import { formatPassword, type Password, parsePassword } from '../../pake/password.js';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { PageRefusal } from '../server/refusal.js';
import type { GuessQueue } from './guess-queue.js';

/** Which password was shown: with the access words alone nothing is shown that names a file. */
export type Admission = 'access' | 'whole';

export interface SenderGuardOptions {
  /** Asks for the access words */
  readonly access: Access;
  /** The whole password */
  readonly password: Password;
  readonly guesses: GuessQueue;
  /** What opens single downloads without Basic auth */
  readonly signedLinks: SignedLinks;
  readonly unauthorized: Unauthorized;
}

export interface SenderGuard {
  readonly guard: RequestHandler;
  readonly admissionOf: (request: IncomingMessage) => Admission | undefined;
}

/** Basic auth that two passwords open: the access words, and the whole password. */
export function senderGuard(options: SenderGuardOptions): SenderGuard {
  const { access, password, guesses, signedLinks, unauthorized } = options;
  const isWhole = createAccessCheck({ user: RELAY_USER, password: formatPassword(password) });
  const admissions = new WeakMap<IncomingMessage, Admission>();

  async function judge(request: IncomingMessage, user: string, text: string): Promise<boolean> {
    if (access.matches(user, text)) {
      admissions.set(request, 'access');
      return true;
    }
    const shown = readPassword(text);
    // Without the access words the other words are not even compared, and cost nobody a guess.
    if (shown === undefined || !access.matches(user, shown.access)) return false;
    const isRight = (): boolean => isWhole(user, formatPassword(shown));
    const verdict = await guesses.judge(isRight, callerOf(request));
    if (verdict === 'busy') throw new PageRefusal('busy');
    if (verdict === 'right') admissions.set(request, 'whole');
    return verdict === 'right';
  }

  return {
    guard: requireBasicAuth({ access, unauthorized, judge, signedLinks }),
    admissionOf: (request) => (signedLinks.admits(request) ? 'whole' : admissions.get(request)),
  };
}

/** As people type it. @returns undefined if it is no password of a transfer */
function readPassword(text: string): Password | undefined {
  try {
    return parsePassword(text);
  } catch {
    return undefined;
  }
}
