import { createHash } from 'node:crypto';
import { createConnection } from 'node:net';
import { expect, test } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import { sleep } from '../../../src/base/deadline.js';
import { deferred } from '../../../src/base/deferred.js';
import type { Logger } from '../../../src/base/logger.js';
import { PageRefusal, type PageRefusalKind } from '../../../src/pages/server/refusal.js';
import { en } from '../../../src/pages/words/en.js';
import { LANGUAGES } from '../../../src/pages/words/words.js';
import { ask, CREDENTIALS, rawReply, runningWeb } from '../support/running-web.js';

const AUTHORIZATION = `Authorization: ${formatAuthorization(CREDENTIALS)}\r\n`;

test.each([
  '/',
  '/.ferry/x/style.css',
  '/favicon.ico',
  '/nothing',
])('without a password there is a challenge at %s, and a page that needs nothing else', async (path) => {
  const web = await runningWeb((routes) => {
    routes.get('/', (_request, response) => void response.send('secret'));
  });
  const reply = await ask(web, path, { credentials: undefined });
  expect(reply.status).toBe(401);
  expect(reply.headers['www-authenticate']).toBe('Basic realm="onionferry", charset="UTF-8"');
  expect(reply.text).toContain(en.login.kinds.given.lead);
  expect(reply.text).not.toMatch(/ (?:href|src)="\/(?!")/);
  const style = /<style>(.*)<\/style>/s.exec(reply.text)?.[1] ?? '';
  const hash = createHash('sha256').update(style).digest('base64');
  expect(reply.headers['content-security-policy']).toContain(`style-src 'sha256-${hash}'`);
});

test('a wrong password, user or scheme gets the same page', async () => {
  const web = await runningWeb(undefined, { limits: { accessDelayMs: 1 } });
  const { text } = await ask(web, '/', { credentials: undefined });
  for (const credentials of [
    { ...CREDENTIALS, password: 'wrong' },
    { ...CREDENTIALS, user: 'ferry' },
    { user: '', password: '' },
  ]) {
    const reply = await ask(web, '/', { credentials });
    expect([reply.status, reply.text]).toEqual([401, text]);
  }
  const bearer = await ask(web, '/', {
    credentials: undefined,
    headers: { authorization: 'Bearer a' },
  });
  expect([bearer.status, bearer.text]).toEqual([401, text]);
});

test('a circuit that has been wrong too often is not answered, and others are', async () => {
  const web = await runningWeb((routes) => routes.get('/', (_, response) => void response.end()), {
    circuitLine: true,
    limits: { accessDelayMs: 1, authenticationFailures: 3 },
  });
  const request = (circuit: number, authorization: string): Promise<string> =>
    rawReply(
      web.httpSocket,
      `PROXY TCP6 fc00:dead:beef:4dad::0:${circuit} ::1 7 80\r\n` +
        `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${authorization}\r\n`,
    );
  const wrong = `Authorization: ${formatAuthorization({ ...CREDENTIALS, password: 'x' })}\r\n`;
  for (let count = 0; count < 3; count++) expect(await request(1, wrong)).toContain(' 401 ');
  expect(await request(1, AUTHORIZATION)).toBe('');
  expect(await request(2, AUTHORIZATION)).toContain(' 200 ');
});

test.each<[PageRefusalKind, number]>([
  ['bad-request', 400],
  ['not-found', 404],
  ['archive-too-large', 404],
  ['expired', 410],
  ['limit-reached', 410],
  ['too-large', 413],
  ['internal', 500],
  ['downloads-at-once', 503],
  ['busy', 503],
])('a route that refuses with %s becomes a page with status %i and a sentence', async (kind, status) => {
  const web = await runningWeb((routes) => {
    routes.get('/', () => {
      throw new PageRefusal(kind);
    });
    routes.get('/later', () => Promise.reject(new PageRefusal(kind)));
  });
  for (const path of ['/', '/later']) {
    const reply = await ask(web, path);
    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(reply.text).toContain(en.errors[kind].title);
    expect(reply.text).toContain(en.errors[kind].sentence);
  }
});

test('an internal failure is answered without its details, and logged', async () => {
  const warnings: string[] = [];
  const logger: Logger = { debug: () => undefined, warn: (message) => warnings.push(message) };
  const web = await runningWeb(
    (routes) => {
      routes.get('/', () => {
        throw new Error('/home/somebody is broken');
      });
      routes.get('/:name', () => undefined);
    },
    { logger },
  );
  const reply = await ask(web, '/');
  expect(reply.status).toBe(500);
  expect(reply.text).not.toContain('somebody');
  expect(warnings).toEqual(['pages: a request failed: Error: /home/somebody is broken']);
  expect((await ask(web, '/%E0%A4%A')).status).toBe(400);
});

test('what fails after the first bytes breaks the connection', async () => {
  const web = await runningWeb((routes) => {
    routes.get('/', (_request, response) => {
      response.set('Content-Length', '100');
      response.write('begun');
      throw new Error('gone');
    });
  });
  await expect(ask(web, '/')).rejects.toThrow();
});

test('every reply has the headers that isolate a page, and none that identifies the server', async () => {
  const web = await runningWeb((routes) => {
    routes.get('/', (_request, response) => void response.send('page'));
  });
  const stylesheet = /href="([^"]+\.css)"/.exec((await ask(web, '/nothing')).text)?.[1] ?? '';
  for (const path of ['/', '/nothing', stylesheet, '/favicon.ico']) {
    const { headers } = await ask(web, path);
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';style-src 'self';script-src 'self';img-src 'self' data:;connect-src 'self';" +
        "form-action 'self';frame-ancestors 'none';base-uri 'none'",
    );
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['x-content-type-options']).toBe('nosniff');
    for (const name of ['server', 'x-powered-by', 'set-cookie', 'etag', 'last-modified']) {
      expect(headers[name]).toBeUndefined();
    }
  }
  expect((await ask(web, '/')).headers['cache-control']).toBe('no-store');
  expect((await ask(web, stylesheet)).headers['cache-control']).toContain('immutable');
  expect((await ask(web, stylesheet)).headers['content-type']).toBe('text/css; charset=utf-8');
});

test('HEAD is answered as GET without the body, other methods with what is allowed', async () => {
  const web = await runningWeb((routes) => {
    routes.get('/', (_request, response) => void response.send('page'));
  });
  const get = await ask(web, '/nothing');
  const head = await ask(web, '/nothing', { method: 'HEAD' });
  expect([head.status, head.text]).toEqual([404, '']);
  expect(head.headers['content-length']).toBe(get.headers['content-length']);
  for (const method of ['PUT', 'DELETE', 'PATCH', 'PROPFIND']) {
    const reply = await ask(web, '/', { method });
    expect([method, reply.status, reply.headers.allow]).toEqual([method, 405, 'GET, HEAD']);
  }
});

test('an authenticated connection is kept, and no other is', async () => {
  const web = await runningWeb(undefined, { limits: { keepAliveMs: 50 } });
  const get = (authorization: string): string =>
    `GET / HTTP/1.1\r\nHost: a\r\n${authorization}\r\n`;
  expect(await rawReply(web.httpSocket, get(''))).toMatch(/\r\nConnection: close\r\n/);
  expect(await rawReply(web.httpSocket, get(AUTHORIZATION))).toMatch(
    /\r\nConnection: keep-alive\r\n/,
  );
});

test.each<[string, string[]]>([
  ['nothing', ['']],
  ['half a header', ['GET / HTTP/1.1\r\nHost:']],
  ['half a body', [`POST / HTTP/1.1\r\nHost: a\r\n${AUTHORIZATION}Content-Length: 9\r\n\r\n{`]],
])('a client that sends %s is not waited for', async (_name, pieces) => {
  const web = await runningWeb(
    (routes) => {
      routes.post('/', (request, response) => {
        request.on('error', () => undefined).resume();
        request.on('end', () => response.end());
      });
    },
    { limits: { headMs: 100, stalledMs: 200 } },
  );
  await rawReply(web.httpSocket, ...pieces);
});

test('a client that takes nothing of its download is closed', async () => {
  const cut = deferred<undefined>();
  const web = await runningWeb(
    (routes) => {
      routes.get('/', (_request, response) => {
        response.once('close', () => cut.resolve(undefined));
        response.end(Buffer.alloc(10_000_000));
      });
    },
    { limits: { stalledMs: 200 } },
  );
  const socket = createConnection(web.httpSocket);
  socket.on('error', () => undefined);
  socket.write(`GET / HTTP/1.1\r\nHost: a\r\n${AUTHORIZATION}\r\n`);
  await cut.promise;
  socket.destroy();
});

test('a client that waits for this side is not closed', async () => {
  const web = await runningWeb(
    (routes) => {
      routes.get('/', async (_request, response) => {
        await sleep(500);
        response.end('at last');
      });
    },
    { limits: { stalledMs: 100 } },
  );
  expect((await ask(web, '/')).text).toBe('at last');
});

test('connections without a password are closed to make room for those with one', async () => {
  const web = await runningWeb((routes) => routes.get('/', (_, response) => void response.end()), {
    limits: { unauthenticated: 3, connections: 6 },
  });
  const idle = Array.from({ length: 5 }, () => rawReply(web.httpSocket));
  expect((await ask(web, '/')).status).toBe(200);
  // The first three went for the last two and for who has just come.
  expect(await Promise.all(idle.slice(0, 3))).toEqual(['', '', '']);
  await web.close();
  await Promise.all(idle);
});

test('an upload is told to continue only after the access check', async () => {
  const web = await runningWeb(
    (routes) => {
      routes.post('/', (request, response) => {
        request.pipe(response);
      });
    },
    { limits: { accessDelayMs: 1 } },
  );
  const post = (authorization: string): string =>
    `POST / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nExpect: 100-continue\r\n` +
    `Content-Length: 5\r\n${authorization}\r\n`;
  expect(await rawReply(web.httpSocket, post(''))).toMatch(/^HTTP\/1\.1 401 /);
  expect(await rawReply(web.httpSocket, post(AUTHORIZATION), 'hello')).toMatch(
    /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n[^]*hello/,
  );
});

test('what is not HTTP gets a one-line refusal', async () => {
  const web = await runningWeb();
  expect(await rawReply(web.httpSocket, 'SSH-2.0-hello\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
});

test('closing ends running downloads', async () => {
  const begun = deferred<undefined>();
  const web = await runningWeb((routes) => {
    routes.get('/', (_request, response) => {
      response.set('Content-Length', '100');
      response.write('begun');
      begun.resolve(undefined);
    });
  });
  const broken = expect(ask(web, '/')).rejects.toThrow();
  await begun.promise;
  await web.close();
  await broken;
});

test('every page is in the first language of the visitor that there is, errors and the login too', async () => {
  const web = await runningWeb();
  const headers = { 'accept-language': 'fr, de-CH;q=0.9, en;q=0.8' };
  const missing = await ask(web, '/nothing', { headers });
  expect(missing.text).toContain('<html lang="de">');
  expect(missing.text).toContain(LANGUAGES.de.errors['not-found'].sentence);
  const login = await ask(web, '/', { headers, credentials: undefined });
  expect(login.text).toContain(LANGUAGES.de.login.kinds.given.lead);
  // The same in all languages: browsers keep passwords by it.
  expect(login.headers['www-authenticate']).toContain('realm="onionferry"');
  for (const reply of [missing, login]) expect(reply.headers.vary).toBe('Accept-Language');
});
