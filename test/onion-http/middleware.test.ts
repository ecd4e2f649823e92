import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/base/logger.js';
import type { Middleware } from '../../src/onion-http/middleware.js';
import { relayPages } from '../../src/pages/relay/relay-pages.js';
import { en } from '../../src/pages/words/en.js';
import { ask, CREDENTIALS, runningWeb } from '../pages/support/running-web.js';
import { nonce, plainRequest, runningRelay } from '../relay/support/running-relay.js';

interface Seen {
  readonly paths: string[];
  readonly middleware: Middleware;
}

/** Notes what it sees, and fails at once for a path that says so. */
function watching(): Seen {
  const paths: string[] = [];
  const middleware: Middleware = (request: IncomingMessage, response, next) => {
    paths.push(request.url ?? '');
    response.setHeader('X-Seen', 'yes');
    const status = Number(request.headers['x-fail']);
    next(status > 0 ? Object.assign(new Error('refused by middleware'), { status }) : undefined);
  };
  return { paths, middleware };
}

test('on pages it sees what has passed the access check, and nothing else', async () => {
  const { paths, middleware } = watching();
  const web = await runningWeb((routes) => routes.get('/', (_, response) => void response.end()), {
    middleware: [middleware],
    limits: { accessDelayMs: 1 },
  });
  await ask(web, '/none', { credentials: undefined });
  await ask(web, '/wrong', { credentials: { ...CREDENTIALS, password: 'wrong' } });
  const reply = await ask(web, '/');
  expect([reply.status, reply.headers['x-seen']]).toEqual([200, 'yes']);
  await ask(web, '/favicon.ico');
  expect(paths).toEqual(['/', '/favicon.ico']);
});

test('on pages an error of its own becomes a page with a sentence', async () => {
  const web = await runningWeb(undefined, { middleware: [watching().middleware] });
  for (const [fails, status, kind] of [
    ['429', 503, 'busy'],
    ['418', 400, 'bad-request'],
    ['500', 500, 'internal'],
  ] as const) {
    const reply = await ask(web, '/', { headers: { 'x-fail': fails } });
    expect(reply.status).toBe(status);
    expect(reply.text).toContain(en.errors[kind].sentence);
  }
});

test('on a relay it stands before requests and pages, and refuses as the relay does', async () => {
  const { paths, middleware } = watching();
  const { httpSocket } = await runningRelay(
    { accessDelayMs: 1 },
    { middleware: [middleware], pages: relayPages(silentLogger, [middleware]) },
  );
  const join = { body: { role: 'sender', nonce: nonce() } };
  const nobody = { ...join, headers: { authorization: '' } };
  expect((await plainRequest(httpSocket, '/join', nobody)).status).toBe(401);
  expect((await plainRequest(httpSocket, '/join', join)).status).toBe(200);
  expect((await plainRequest(httpSocket, '/', { method: 'GET' })).status).toBe(200);
  expect(paths).toEqual(['/join', '/']);
  for (const [fails, status, code] of [
    ['429', 429, 'too-many'],
    ['418', 400, 'bad-request'],
    ['500', 500, 'internal'],
  ] as const) {
    const reply = await plainRequest(httpSocket, '/join', {
      ...join,
      headers: { 'x-fail': fails },
    });
    expect([reply.status, reply.json]).toEqual([status, { error: { code } }]);
  }
});
