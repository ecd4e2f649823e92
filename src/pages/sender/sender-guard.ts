import type { IncomingMessage } from 'node:http';
import type { RequestHandler, Response } from 'express';
import basicAuth from 'express-basic-auth';
import { createAccessCheck } from '../../onion-http/access-check.js';
import { letIn } from '../../onion-http/guard.js';
import type { SignedLinks } from '../../onion-http/signed-links.js';
import { formatPassword, type Password, parsePassword } from '../../pake/password.js';
import type { Entrance } from '../../relay/server/http.js';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import { PageRefusal } from '../server/refusal.js';
import type { GuessQueue, Verdict } from './guess-queue.js';

/** How far somebody was let in: who shows the door's words alone is shown nothing that names a file. */
export type Admission = 'door' | 'whole';

export interface SenderGuardOptions extends Entrance {
  /** The whole password. */
  readonly password: Password;
  readonly judge: GuessQueue;
  /** What opens single downloads without Basic auth */
  readonly signedLinks: SignedLinks;
  readonly refusal: (response: Response) => string;
}

export interface SenderGuard {
  readonly guard: RequestHandler;
  readonly admissionOf: (request: IncomingMessage) => Admission | undefined;
}

/** Basic auth that two passwords open: the door's words, and all of them. */
export function senderGuard(options: SenderGuardOptions): SenderGuard {
  const { accessDelay, circuits, refusal } = options;
  const whole = createAccessCheck({ user: RELAY_USER, password: formatPassword(options.password) });
  const admissions = new WeakMap<IncomingMessage, Admission>();

  async function admit(
    request: IncomingMessage,
    user: string,
    text: string,
  ): Promise<Admission | Verdict> {
    if (options.door(user, text)) return 'door';
    const shown = readPassword(text);
    // Whoever does not know the door has not guessed at the words, and costs nobody a guess.
    if (shown === undefined || !options.door(user, shown.access)) return 'wrong';
    const isRight = (): boolean => whole(user, formatPassword(shown));
    return await options.judge.judge(isRight, circuits.caller(request.socket));
  }

  const guard: RequestHandler = (request, response, next) => {
    if (options.signedLinks.admits(request)) {
      options.onPassed?.(request.socket);
      admissions.set(request, 'whole');
      next();
      return;
    }
    basicAuth({
      challenge: true,
      realm: 'onionferry", charset="UTF-8',
      unauthorizedResponse: () => refusal(response),
      authorizeAsync: true,
      authorizer: (user, password, decide) => {
        void admit(request, user, password).then(async (verdict) => {
          if (verdict === 'busy') {
            next(new PageRefusal('busy'));
          } else if (verdict === 'wrong') {
            if (await accessDelay.hold(circuits.caller(request.socket))) decide(null, false);
            else request.socket.destroy();
          } else {
            admissions.set(request, verdict === 'door' ? 'door' : 'whole');
            letIn(request, response, options.onPassed);
            decide(null, true);
          }
        });
      },
    })(request, response, next);
  };
  return { guard, admissionOf: (request) => admissions.get(request) };
}

/** Typed as people type it. @returns undefined if it is no password of a transfer */
function readPassword(text: string): Password | undefined {
  try {
    return parsePassword(text);
  } catch {
    return undefined;
  }
}
