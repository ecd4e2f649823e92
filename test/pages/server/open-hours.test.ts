import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { Router } from 'express';
import { expect, test } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import { deferred } from '../../../src/base/deferred.js';
import { Draining } from '../../../src/pages/server/draining.js';
import { wording } from '../../../src/pages/wording.js';
import { ask, DOOR, servedRoutes } from '../support/running-web.js';

test('who is in at closing time is served to the end, who comes later is told why not', async () => {
  const hours = new Draining();
  const [begun, mayEnd] = [deferred<undefined>(), deferred<undefined>()];
  const routes = Router().get('/', async (_request, response) => {
    response.write('begun, ');
    begun.resolve(undefined);
    await mayEnd.promise;
    response.end('ended');
  });
  const web = await servedRoutes(Router().use(hours.admit, routes));
  const early = ask(web, '/');
  await begun.promise;
  hours.end('expired');
  const late = await ask(web, '/');
  expect(late.status).toBe(410);
  expect(late.text).toContain(wording.errors.expired.sentence);
  const quiet = hours.quiet(new AbortController().signal);
  mayEnd.resolve(undefined);
  expect((await early).text).toBe('begun, ended');
  await quiet;
});

test('the page that says it is over still has its stylesheet', async () => {
  const hours = new Draining();
  const web = await servedRoutes(Router().use(hours.admit));
  hours.end('limit-reached');
  const stylesheet = /href="([^"]+\.css)"/.exec((await ask(web, '/')).text)?.[1] ?? '';
  expect((await ask(web, stylesheet)).status).toBe(200);
});

test('who goes away is not waited for, and nobody at all neither', async () => {
  const hours = new Draining();
  const { signal } = new AbortController();
  await hours.quiet(signal);
  const web = await servedRoutes(
    Router().use(hours.admit, (_request, response) => void response.write('begun')),
  );
  const request = httpRequest({
    socketPath: web.httpSocket,
    headers: { authorization: formatAuthorization(DOOR) },
  }).on('error', () => undefined);
  request.end();
  await once(request, 'response');
  const quiet = hours.quiet(signal);
  request.destroy();
  await quiet;
});

test('an abort ends the waiting for who does not come to an end', async () => {
  const hours = new Draining();
  const web = await servedRoutes(
    Router().use(hours.admit, (_request, response) => void response.write('begun')),
  );
  const endless = expect(ask(web, '/')).rejects.toThrow();
  const abort = new AbortController();
  // The server has written only when the request is in.
  await expect.poll(() => settled(hours.quiet(abort.signal))).toBe(false);
  const quiet = expect(hours.quiet(abort.signal)).rejects.toThrow('enough');
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
