import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { Router } from 'express';
import { expect, test } from 'vitest';
import { formatAuthorization } from '../../src/base/authorization.js';
import { deferred } from '../../src/base/deferred.js';
import { Draining } from '../../src/onion-http/handlers.js';
import { PageRefusal } from '../../src/pages/server/refusal.js';
import { en } from '../../src/pages/words/en.js';
import { ask, CREDENTIALS, servedRoutes } from '../pages/support/running-web.js';

test('a request that runs at the end is served completely, a later one is told why not', async () => {
  const draining = new Draining();
  const [begun, mayEnd] = [deferred<undefined>(), deferred<undefined>()];
  const routes = Router().get('/', async (_request, response) => {
    response.write('begun, ');
    begun.resolve(undefined);
    await mayEnd.promise;
    response.end('ended');
  });
  const web = await servedRoutes(Router().use(draining.admit, routes));
  const early = ask(web, '/');
  await begun.promise;
  draining.end(new PageRefusal('expired'));
  const late = await ask(web, '/');
  expect(late.status).toBe(410);
  expect(late.text).toContain(en.errors.expired.sentence);
  const quiet = draining.quiet(new AbortController().signal);
  mayEnd.resolve(undefined);
  expect((await early).text).toBe('begun, ended');
  await quiet;
});

test('the page that says that it is over still has its stylesheet', async () => {
  const draining = new Draining();
  const web = await servedRoutes(Router().use(draining.admit));
  draining.end(new PageRefusal('limit-reached'));
  const stylesheet = /href="([^"]+\.css)"/.exec((await ask(web, '/')).text)?.[1] ?? '';
  expect((await ask(web, stylesheet)).status).toBe(200);
});

test('a client that goes away is not waited for, and without requests there is no wait', async () => {
  const draining = new Draining();
  const { signal } = new AbortController();
  await draining.quiet(signal);
  const web = await servedRoutes(
    Router().use(draining.admit, (_request, response) => void response.write('begun')),
  );
  const request = httpRequest({
    socketPath: web.httpSocket,
    headers: { authorization: formatAuthorization(CREDENTIALS) },
  }).on('error', () => undefined);
  request.end();
  await once(request, 'response');
  const quiet = draining.quiet(signal);
  request.destroy();
  await quiet;
});

test('an abort ends the wait for a request that never ends', async () => {
  const draining = new Draining();
  const web = await servedRoutes(
    Router().use(draining.admit, (_request, response) => void response.write('begun')),
  );
  const endless = expect(ask(web, '/')).rejects.toThrow();
  const abort = new AbortController();
  // The server has written only when the request is in.
  await expect.poll(() => settled(draining.quiet(abort.signal))).toBe(false);
  const quiet = expect(draining.quiet(abort.signal)).rejects.toThrow('enough');
  abort.abort(new Error('enough'));
  await quiet;
  await web.close();
  await endless;
});

async function settled(promise: Promise<void>): Promise<boolean> {
  return await Promise.race([
    promise.then(
      () => true,
      () => true,
    ),
    new Promise<boolean>((resolve) => setImmediate(() => resolve(false))),
  ]);
}
