import { type RequestHandler, Router } from 'express';
import type { Logger } from '../../base/logger.js';
import type { SignedLinks } from '../../onion-http/signed-links.js';
import type { Password } from '../../pake/password.js';
import type { CreatePages } from '../../relay/server/http.js';
import type { GuessLimit } from '../../session/meeting/guess-limit.js';
import { sendPage } from '../design/layout.js';
import { ReceivePage } from '../relay/receive-page.js';
import { createPages, refusalAccessRefusal } from '../server/create-pages.js';
import { DEFAULT_WEB_LIMITS } from '../server/limits.js';
import { GuessQueue } from './guess-queue.js';
import { senderGuard } from './sender-guard.js';

/**
 * Closes connections whose client takes nothing of its download: a sender waits for running downloads
 * before it ends. If this side is the slow one, nothing is waiting to be taken.
 */
const closeStalled: RequestHandler = (_request, response, next) => {
  const { stalledMs } = DEFAULT_WEB_LIMITS;
  response.setTimeout(stalledMs, () => {
    if (response.socket !== null && response.socket.writableLength > 0) response.socket.destroy();
    else response.socket?.setTimeout(stalledMs);
  });
  next();
};

export interface SenderPagesOptions {
  /** The full password */
  readonly password: Password;
  /** The limit that the sender's channel also uses */
  readonly guesses: GuessLimit;
  /** For visitors with the full password: the offered content, or why it cannot be downloaded */
  readonly routes: RequestHandler;
  /** Admit single downloads without a password */
  readonly signedLinks: SignedLinks;
  readonly logger: Logger;
}

/**
 * The pages of a sender's own relay. The full password gives access to the offered content; the
 * access words alone only to a page that receives in the browser and reveals no file name.
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
    router.use(closeStalled);
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
