import express, { type RequestHandler, Router } from 'express';
import * as v from 'valibot';
import { sendPage } from '../pages/design/render-page.js';
import { DesktopPage, EnterPage } from '../pages/desktop/desktop-page.js';
import { serveAssets } from '../pages/server/create-pages.js';
import { PageRefusal } from '../pages/server/refusal.js';
import { securityHeaders } from '../pages/server/security-headers.js';
import { type DesktopWords, desktopWords } from '../pages/words/desktop/desktop-words.js';
import { wordsFor } from '../pages/words/words-for.js';
import type { Desk } from './desk.js';
import type { Entrance } from './entrance.js';
import { Forbidden } from './forbidden.js';
import * as requests from './requests.js';
import { Refusal } from './said.js';
import { StateStream } from './state-stream.js';

/** Where browsers keep what they fetch; offered first. */
const DOWNLOADS = 'Downloads';

export interface DesktopRoutesOptions {
  readonly desk: Desk;
  readonly entrance: Entrance;
  readonly streams: Set<StateStream>;
  readonly onQuit: () => void;
}

/** Everything that the page's address answers. */
export function desktopRoutes({ desk, entrance, streams, onQuit }: DesktopRoutesOptions): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use(headers());
  router.use(refuse((request) => entrance.faultOf(request)));
  router.use(serveAssets());
  router.get('/', (_request, response) => {
    sendPage(response, <EnterPage />);
  });
  router.use('/enter', json());
  router.post('/enter', (request, response) => {
    const { token } = v.parse(requests.TOKEN, request.body);
    const cookie = entrance.enter(token);
    if (cookie === undefined) throw new Forbidden('token');
    response.set('Set-Cookie', cookie).json({ path: entrance.path });
  });
  const inside = Router({ caseSensitive: true, strict: true });
  inside.use(refuse((request) => entrance.sessionFaultOf(request)));
  inside.get('/', (request, response) => {
    const verb = v.parse(requests.VIEW, request.query).do;
    const state = desk.stateIn(wordsOf(request));
    sendPage(response, <DesktopPage view={{ verb, downloads: DOWNLOADS }} state={state} />);
  });
  inside.get('/events', (request, response) => {
    const stream = new StateStream(response, desk, wordsOf(request));
    streams.add(stream);
    response.once('close', () => streams.delete(stream));
  });
  inside.get('/folder', (request, response) => {
    const { path, hidden } = v.parse(requests.LISTING, request.query);
    response.json(desk.home.list(path, hidden !== undefined));
  });
  inside.put('/drops/:drop', async (request, response) => {
    const file = v.parse(requests.DROPPED, request.query);
    await desk.dropped.write(v.parse(requests.NUMBER, request.params.drop), file, request);
    response.json({});
  });
  inside.delete('/drops/:drop', async (request, response) => {
    await desk.dropped.remove(v.parse(requests.NUMBER, request.params.drop));
    response.json({});
  });
  inside.use(json());
  inside.post('/tasks', async (request, response) => {
    await desk.start(v.parse(requests.TASK, request.body));
    response.status(201).json({});
  });
  inside.post('/tasks/:id/stop', (request, response) => {
    v.parse(requests.NOTHING, request.body);
    known(desk.task(v.parse(requests.NUMBER, request.params.id))).stop();
    response.json({});
  });
  inside.post('/tasks/:id/answer', (request, response) => {
    const { accepts } = v.parse(requests.ANSWER, request.body);
    const task = known(desk.task(v.parse(requests.NUMBER, request.params.id)));
    if (!task.answer(accepts)) {
      throw new Refusal('ERR_USAGE', ({ refusals }) => refusals.notOffered);
    }
    response.json({});
  });
  inside.post('/tasks/:id/forget', (request, response) => {
    v.parse(requests.NOTHING, request.body);
    desk.forget(v.parse(requests.NUMBER, request.params.id));
    response.json({});
  });
  inside.post('/drops', async (request, response) => {
    v.parse(requests.NOTHING, request.body);
    response.status(201).json({ drop: await desk.dropped.add() });
  });
  inside.post('/drops/:drop/folders', async (request, response) => {
    const drop = v.parse(requests.NUMBER, request.params.drop);
    const { root, paths } = v.parse(requests.FOLDERS, request.body);
    for (const path of paths) await desk.dropped.makeFolder(drop, { root, path });
    response.json({});
  });
  inside.post('/interrupted/:id/resume', async (request, response) => {
    v.parse(requests.NOTHING, request.body);
    await desk.resume(v.parse(requests.RECORD_ID, request.params.id));
    response.status(201).json({});
  });
  inside.post('/interrupted/:id/discard', async (request, response) => {
    v.parse(requests.NOTHING, request.body);
    await desk.discard(v.parse(requests.RECORD_ID, request.params.id));
    response.json({});
  });
  inside.post('/connect', (request, response) => {
    v.parse(requests.NOTHING, request.body);
    desk.connect();
    response.json({});
  });
  inside.post('/quit', (request, response) => {
    v.parse(requests.NOTHING, request.body);
    response.json({});
    response.once('close', onQuit);
  });
  router.use(entrance.path.replace(/\/$/, ''), inside);
  return router;
}

function wordsOf(request: express.Request): DesktopWords {
  return desktopWords(wordsFor(request).language);
}

/** As pages have them, but that requests of our own page say where they come from. */
function headers(): RequestHandler[] {
  return [
    securityHeaders(),
    (_request, response, next) => {
      // With `no-referrer`, browsers send "null" as the origin of some requests.
      response.set('Referrer-Policy', 'same-origin');
      next();
    },
  ];
}

function refuse(faultOf: (request: express.Request) => string | undefined): RequestHandler {
  return (request, _response, next) => {
    const fault = faultOf(request);
    next(fault === undefined ? undefined : new Forbidden(fault));
  };
}

/** Other types than JSON can be sent by forms of other sites, which `Origin` stops as well. */
function json(): RequestHandler[] {
  return [
    (request, _response, next) => {
      next(
        request.is('application/json') === 'application/json'
          ? undefined
          : new PageRefusal('bad-request'),
      );
    },
    express.json({ limit: requests.BODY_MAX_BYTES }),
  ];
}

function known<T>(found: T | undefined): T {
  if (found === undefined) throw new PageRefusal('not-found');
  return found;
}
