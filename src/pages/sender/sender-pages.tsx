import { type RequestHandler, Router } from 'express';
import type { Logger } from '../../base/logger.js';
import type { SignedLinks } from '../../onion-http/basic-auth.js';
import type { Answer } from '../../onion-http/onion-http-server.js';
import type { Password } from '../../pake/password.js';
import type { GuessLimit } from '../../session/meeting/guess-limit.js';
import { sendPage } from '../design/render-page.js';
import { ReceivePage } from '../relay/receive-page.js';
import { createPages, unauthorizedPage } from '../server/create-pages.js';
import { GuessQueue } from './guess-queue.js';
import { senderGuard } from './sender-guard.js';

export interface SenderPagesOptions {
  /** The whole password. */
  readonly password: Password;
  /** Of the same limit as the channel's. */
  readonly guesses: GuessLimit;
  /** For the whole password: what is sent, or why it cannot be downloaded here. */
  readonly routes: RequestHandler;
  /** What opens single downloads without Basic auth */
  readonly signedLinks: SignedLinks;
  readonly logger: Logger;
}

/**
 * The pages of a sender's own relay: with the whole password what is sent, with the access words
 * alone a page that receives by itself and names no file.
 */
export function senderPages({
  password,
  guesses,
  routes,
  signedLinks,
  logger,
}: SenderPagesOptions): Answer {
  return (access) => {
    const { guard, admissionOf } = senderGuard({
      ...{ access, password, signedLinks },
      guesses: new GuessQueue({ guesses }),
      unauthorized: unauthorizedPage(),
    });
    const router = Router({ caseSensitive: true, strict: true });
    router.use((request, response, next) => {
      if (admissionOf(request) === 'whole') routes(request, response, next);
      else next();
    });
    router.get(['/', '/receive'], (_request, response) => {
      sendPage(response, <ReceivePage relay="own" />);
    });
    return createPages({ guard, routes: router, logger });
  };
}
