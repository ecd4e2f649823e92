import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Response } from 'express';
import * as v from 'valibot';
import { deferred } from '../base/deferred.js';
import { OnionferryError } from '../base/errors.js';
import { type Logger, silentLogger } from '../base/logger.js';
import { createListener, type Ending } from '../onion-http/handlers.js';
import { sendPage } from '../pages/design/render-page.js';
import { FailurePage } from '../pages/server/error-page.js';
import { asPageRefusal, PageRefusal } from '../pages/server/refusal.js';
import { policyForAlone } from '../pages/server/security-headers.js';
import { desktopWords } from '../pages/words/desktop/desktop-words.js';
import type { Words } from '../pages/words/words.js';
import { wordsFor } from '../pages/words/words-for.js';
import { Desk, type DeskOptions, UnsureWords } from './desk.js';
import { desktopRoutes } from './desktop-routes.js';
import { Entrance } from './entrance.js';
import { Forbidden } from './forbidden.js';
import { isOfAnotherUser } from './peer-user.js';
import { failureIn } from './said.js';
import type { StateStream } from './state-stream.js';

export { openBrowser } from './open-browser.js';

export interface OpenDesktopOptions extends DeskOptions {
  readonly logger?: Logger;
}

/** The page on loopback, and all that was started from it. */
export interface Desktop extends AsyncDisposable {
  /** Opens the page, once. It holds a secret. */
  readonly address: string;
  /** Resolves when somebody quits on the page. */
  readonly quit: Promise<void>;
}

/**
 * Serves the page of `onionferry open` on 127.0.0.1, at a port that the system chooses. Disposing of
 * it suspends what runs, and removes what was dropped.
 *
 * @throws OnionferryError ERR_WEB if it cannot listen
 */
export async function openDesktop(options: OpenDesktopOptions): Promise<Desktop> {
  const { logger = silentLogger } = options;
  const server = createServer();
  // A dropped file may take as long as it needs.
  server.requestTimeout = 0;
  server.on('connection', (socket) => {
    if (!isOfAnotherUser(socket)) return;
    logger.warn('desktop: a connection of another user of this machine was refused');
    socket.destroy();
  });
  const port = await listen(server);
  const entrance = new Entrance(port);
  const desk = new Desk(options);
  await desk.dropped.sweep();
  const streams = new Set<StateStream>();
  const quit = deferred<undefined>();
  const routes = desktopRoutes({ desk, entrance, streams, onQuit: () => quit.resolve(undefined) });
  const listener = createListener({
    mount: (app) => app.use(routes),
    ending: (error) => endingOf(error, options),
    room: 'desktop',
    logger,
  });
  server.on('request', listener);
  return {
    address: entrance.address,
    quit: quit.promise,
    async [Symbol.asyncDispose]() {
      await desk[Symbol.asyncDispose]();
      await Promise.all([...streams].map((stream) => stream.end()));
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

async function listen(server: Server): Promise<number> {
  server.listen({ host: '127.0.0.1', port: 0 });
  try {
    await once(server, 'listening');
  } catch (cause) {
    throw new OnionferryError('ERR_WEB', 'cannot listen on 127.0.0.1', { cause });
  }
  // Of a server that listens on TCP.
  return (server.address() as AddressInfo).port;
}

interface Refused {
  readonly status: number;
  readonly title: string;
  readonly sentence: string;
  readonly isUnsure?: boolean;
}

function endingOf(error: unknown, { explain }: Pick<DeskOptions, 'explain'>): Ending {
  return {
    isDefect: statusOf(error) === 500,
    send(response: Response) {
      const refused = refusedFor(error, wordsFor(response.req), explain);
      const { status, title, sentence, isUnsure = false } = refused;
      if (response.req.accepts(['html', 'json']) === 'html') {
        response.set('Content-Security-Policy', policyForAlone());
        const page = <FailurePage {...{ title, sentence }} back={undefined} isAlone />;
        sendPage(response, page, status);
      } else response.status(status).json({ sentence, isUnsure });
    },
  };
}

function statusOf(error: unknown): number {
  if (error instanceof Forbidden) return 403;
  return error instanceof OnionferryError ? 422 : pageRefusalOf(error).status;
}

function refusedFor(error: unknown, words: Words, explain: DeskOptions['explain']): Refused {
  const status = statusOf(error);
  const desktop = desktopWords(words.language);
  if (error instanceof Forbidden) return { status, ...desktop.refused };
  if (error instanceof OnionferryError) {
    const { sentence, hints } = failureIn(desktop, error, explain);
    const isUnsure = error instanceof UnsureWords;
    const { title } = words.errors['bad-request'];
    return { status, title, sentence: [sentence, ...hints].join(' '), isUnsure };
  }
  return { status, ...words.errors[pageRefusalOf(error).kind] };
}

function pageRefusalOf(error: unknown): PageRefusal {
  if (error === undefined) return new PageRefusal('not-found');
  return v.isValiError(error) ? new PageRefusal('bad-request') : asPageRefusal(error);
}
