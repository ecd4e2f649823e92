import { type RequestHandler, Router } from 'express';
import type { Logger } from '../../base/logger.js';
import type { SignedLinks } from '../../onion-http/signed-links.js';
import type { Password } from '../../pake/password.js';
import type { CreatePages } from '../../relay/server/http.js';
import type { GuessLimit } from '../../session/meeting/guess-limit.js';
import { sendPage } from '../design/render-page.js';
import { ReceivePage } from '../relay/receive-page.js';
import { createPages, refusalAccessRefusal } from '../server/create-pages.js';
import { DEFAULT_WEB_LIMITS } from '../server/limits.js';
import { GuessQueue } from './guess-queue.js';
import { senderGuard } from './sender-guard.js';

/**
 * A client that takes nothing of its download for so long is given up: a sender that has been
 * downloaded from waits for what is under way. Where this side is the slow one nothing waits to be
 * taken.
 */
const giveUpStalled: RequestHandler = (_request, response, next) => {
  const { stalledMs } = DEFAULT_WEB_LIMITS;
  response.setTimeout(stalledMs, () => {
    if (response.socket !== null && response.socket.writableLength > 0) response.socket.destroy();
    else response.socket?.setTimeout(stalledMs);
  });
  next();
};

export interface SenderPagesOptions {
  /** The whole password. */
  readonly password: Password;
  /** Of the same limit as the channel's. */
  readonly guesses: GuessLimit;
  /** For who has shown the whole password: what is sent, or why it cannot be had here. */
  readonly routes: RequestHandler;
  /** What opens single downloads without Basic auth */
  readonly signedLinks: SignedLinks;
  readonly logger: Logger;
}

/**
 * The pages of a sender's own relay: with the whole password what is sent, with the door's words
 * alone a page that receives by itself and names no file.
 */
export function senderPages({
  password,
  guesses,
  routes,
  signedLinks,
  logger,
}: SenderPagesOptions): CreatePages {
  return (entrance) => {
    const judge = new GuessQueue({ guesses });
    const refusal = refusalAccessRefusal();
    const { guard, admissionOf } = senderGuard({
      ...entrance,
      password,
      judge,
      signedLinks,
      refusal,
    });
    const router = Router({ caseSensitive: true, strict: true });
    router.use(giveUpStalled);
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
