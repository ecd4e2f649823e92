import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Response } from 'express';
import * as v from 'valibot';
import { deferred } from '../base/deferred.js';
import { OnionferryError } from '../base/errors.js';
import { type Logger, silentLogger } from '../base/logger.js';
import { createListener, type Ending } from '../onion-http/handlers.js';
import { renderPage } from '../pages/design/render-page.js';
import { desktopWording } from '../pages/desktop-wording.js';
import { FailurePage } from '../pages/server/error-page.js';
import { asPageRefusal, PageRefusal } from '../pages/server/refusal.js';
import { policyForAlone } from '../pages/server/security-headers.js';
import { en } from '../pages/words/en.js';
import { Desk, type DeskOptions, UnsureWords } from './desk.js';
import { desktopRoutes } from './desktop-routes.js';
import { Entrance } from './entrance.js';
import { Forbidden } from './forbidden.js';
import { isOfAnotherUser } from './peer-user.js';
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

function endingOf(error: unknown, options: Pick<DeskOptions, 'explain'>): Ending {
  const { status, title, sentence, isUnsure = false } = refusedFor(error, options);
  return {
    isDefect: status === 500,
    send(response: Response) {
      response.status(status);
      if (response.req.accepts(['html', 'json']) === 'html') {
        const page = <FailurePage {...{ title, sentence }} back={undefined} isAlone />;
        response.set('Content-Security-Policy', policyForAlone()).type('html');
        response.send(renderPage(page));
      } else response.json({ sentence, isUnsure });
    },
  };
}

function refusedFor(error: unknown, { explain }: Pick<DeskOptions, 'explain'>): Refused {
  if (error instanceof Forbidden) return { status: 403, ...desktopWording.refused };
  if (error instanceof OnionferryError) {
    const { sentence, hints } = explain(error);
    const isUnsure = error instanceof UnsureWords;
    const { title } = en.errors['bad-request'];
    return { status: 422, title, sentence: [sentence, ...hints].join(' '), isUnsure };
  }
  const { kind, status } =
    error === undefined
      ? new PageRefusal('not-found')
      : v.isValiError(error)
        ? new PageRefusal('bad-request')
        : asPageRefusal(error);
  return { status, ...en.errors[kind] };
}
