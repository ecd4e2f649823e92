import type { IncomingMessage } from 'node:http';
import { type RequestHandler, Router } from 'express';
import type { Logger } from '../../base/logger.js';
import { createAccessCheck } from '../../onion-http/access.js';
import { requireBasicAuth, type SignedLinks } from '../../onion-http/basic-auth.js';
import type { Verdict } from '../../onion-http/guess-queue.js';
import type { Middleware } from '../../onion-http/middleware.js';
import type { Answer } from '../../onion-http/onion-http-server.js';
import { formatPassword, type Password, parsePassword } from '../../pake/password.js';
import { RELAY_USER } from '../../relay-protocol/wire.js';
import type { GuessLimit } from '../../session/meeting/guess-limit.js';
import { sendPage } from '../design/render-page.js';
import { ReceivePage } from '../relay/receive-page.js';
import { busy, createPages, unauthorizedPage } from '../server/create-pages.js';

export interface SenderPagesOptions {
  /** The user name that goes with the whole password; RELAY_USER unless set. */
  readonly user?: string | undefined;
  /** The whole password. */
  readonly password: Password;
  /** Of the same limit as the channel's. */
  readonly guesses: GuessLimit;
  /** For the whole password: what is sent, or why it cannot be downloaded here. */
  readonly routes: RequestHandler;
  /** What opens single downloads without Basic auth */
  readonly signedLinks: SignedLinks;
  /** Behind the access check, before everything else */
  readonly middleware?: readonly Middleware[] | undefined;
  readonly logger: Logger;
}

/**
 * The pages of a sender's own relay: with the whole password what is sent, with the access words
 * alone a page that receives by itself and names no file.
 */
export function senderPages(options: SenderPagesOptions): Answer {
  const { user: name = RELAY_USER, password, routes, signedLinks, middleware, logger } = options;
  const isWhole = createAccessCheck({ user: name, password: formatPassword(password) });
  const isAccess = createAccessCheck({ user: name, password: password.access });
  return (access) => {
    const words = access.queueFor(options.guesses);
    /** Requests that came with the whole password */
    const whole = new WeakSet<IncomingMessage>();

    async function judge(request: IncomingMessage, user: string, text: string): Promise<Verdict> {
      const shown = readPassword(text);
      const hasMore = shown !== undefined && isAccess(user, shown.access);
      const entrance = await access.judge(request, () => hasMore || access.matches(user, text));
      // Without the access words the other words are not even compared, and cost nobody a guess.
      if (entrance !== 'right' || !hasMore) return entrance;
      const isRight = (): boolean => isWhole(user, formatPassword(shown));
      const verdict = await access.judge(request, isRight, words);
      if (verdict === 'right') whole.add(request);
      return verdict;
    }

    const unauthorized = unauthorizedPage(name === RELAY_USER ? 'transfer' : 'given');
    const guard = requireBasicAuth({ access, unauthorized, judge, signedLinks, busy });
    const router = Router({ caseSensitive: true, strict: true });
    router.use((request, response, next) => {
      // With the access words alone nothing is shown that names a file.
      if (whole.has(request) || signedLinks.admits(request)) routes(request, response, next);
      else next();
    });
    router.get(['/', '/receive'], (_request, response) => {
      sendPage(response, <ReceivePage relay="own" />);
    });
    return createPages({ guard, middleware, routes: router, logger });
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
