import { type RequestHandler, Router } from 'express';
import type { Logger } from '../../base/logger.js';
import type { Password } from '../../pake/password.js';
import type { CreatePages } from '../../relay/server/http.js';
import type { GuessLimit } from '../../transfer/meeting/guess-limit.js';
import { sendPage } from '../design/render-page.js';
import { createPages, refusalAtDoor } from '../server/create-pages.js';
import { ReceivePage } from './receive-page.js';
import { senderGuard } from './sender-guard.js';
import { WordsJudge } from './words-judge.js';

export interface SenderPagesOptions {
  /** The whole password. */
  readonly password: Password;
  /** Of the same limit as the channel's. */
  readonly guesses: GuessLimit;
  /** For who has shown the whole password: what is sent, or why it cannot be had here. */
  readonly routes: RequestHandler;
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
  logger,
}: SenderPagesOptions): CreatePages {
  return (entrance) => {
    const judge = new WordsJudge({ guesses });
    const refusal = refusalAtDoor();
    const { guard, admissionOf } = senderGuard({ ...entrance, password, judge, refusal });
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
