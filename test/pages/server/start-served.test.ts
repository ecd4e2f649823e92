import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import express from 'express';
import { expect, onTestFinished, test } from 'vitest';
import { type ClientOptions, WebSocket, WebSocketServer } from 'ws';
import { formatAuthorization } from '../../../src/base/authorization.js';
import type { Logger } from '../../../src/base/logger.js';
import { circuitOf } from '../../../src/onion-http/circuits.js';
import type { Servable } from '../../../src/onion-http/middleware.js';
import type { OnionHttpServer } from '../../../src/onion-http/onion-http-server.js';
import { PageRefusal } from '../../../src/pages/server/refusal.js';
import { type StartServedOptions, startServed } from '../../../src/pages/server/start-served.js';
import { en } from '../../../src/pages/words/en.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask, CREDENTIALS, rawReply } from '../support/running-web.js';

const WRONG = { ...CREDENTIALS, password: 'wrong' };

async function served(
  servable: Servable,
  options: Partial<StartServedOptions> = {},
): Promise<OnionHttpServer> {
  const server = await startServed({
    ...{ servable, credentials: CREDENTIALS, circuitLine: false },
    directory: await temporaryDirectory(),
    limits: { accessDelayMs: 1 },
    ...options,
  });
  onTestFinished(() => server.close());
  return server;
}

function application(): express.Express {
  const app = express();
  app.use(express.json());
  app.get('/', (request, response) => void response.json({ query: request.query, ip: request.ip }));
  app.post('/echo', (request, response) => {
    response.status(201).cookie('seen', 'yes').json(request.body);
  });
  app.get('/linked', (_request, response) => {
    response.set('Referrer-Policy', 'origin').send('own');
  });
  return app;
}

test('an Express application answers as it does by itself, with its own headers', async () => {
  const server = await served(application());
  const first = await ask(server, '/?a=1');
  expect([first.status, first.text]).toEqual([200, '{"query":{"a":"1"}}']);
  expect(first.headers['referrer-policy']).toBe('no-referrer');
  expect(first.headers['content-security-policy']).toBeUndefined();
  const body = '{"text":"größer"}';
  const headers = { 'content-type': 'application/json' };
  const echo = await ask(server, '/echo', { method: 'POST', headers, body });
  expect([echo.status, echo.text]).toEqual([201, body]);
  expect(echo.headers['set-cookie']).toEqual(['seen=yes; Path=/']);
  expect((await ask(server, '/linked')).headers['referrer-policy']).toBe('origin');
});

test('nothing reaches an application without the right password', async () => {
  const seen: string[] = [];
  const server = await served((request, response) => {
    seen.push(request.url ?? '');
    response.end();
  });
  for (const credentials of [undefined, WRONG]) {
    const reply = await ask(server, '/secret', { credentials });
    expect(reply.status).toBe(401);
    expect(reply.text).toContain(en.login.title);
  }
  await ask(server, '/right');
  expect(seen).toEqual(['/right']);
});

test('a plain handler is given request and response as Node makes them', async () => {
  const server = await served((request, response) => {
    // As some frameworks do; Express has getters there.
    Object.assign(request, { path: '/own', query: 'own', host: 'own' });
    const { path } = request as IncomingMessage & { path: string };
    response.end(`${path} ${'send' in response}`);
  });
  expect((await ask(server, '/')).text).toBe('/own false');
});

test.each<[string, Servable]>([
  [
    'throws',
    () => {
      throw new Error('/home/somebody is broken');
    },
  ],
  ['rejects', () => Promise.reject(new Error('/home/somebody is broken'))],
  [
    'calls next with an error',
    (_request, _response, next) => next(new Error('/home/somebody is broken')),
  ],
  [
    'is an Express application that throws',
    express().use(() => {
      throw new Error('/home/somebody is broken');
    }),
  ],
])('a handler that %s is answered without the error, which is logged', async (_, servable) => {
  const warnings: string[] = [];
  const logger: Logger = { debug: () => undefined, warn: (message) => warnings.push(message) };
  const server = await served(servable, { logger });
  const reply = await ask(server, '/');
  expect([reply.status, reply.text.includes('somebody')]).toEqual([500, false]);
  expect(reply.text).toContain(en.errors.internal.title);
  expect(reply.text).not.toMatch(/ (?:href|src)="\/(?!")/);
  expect(warnings).toEqual(['serve: a request failed: Error: /home/somebody is broken']);
});

test('what an application does not answer is not found, and needs no other file', async () => {
  const reply = await ask(await served(express()), '/nothing');
  expect(reply.status).toBe(404);
  expect(reply.text).toContain(en.errors['not-found'].title);
  expect(reply.text).toContain('<style>');
});

test('middleware comes before the application, and may refuse for it', async () => {
  const order: string[] = [];
  const server = await served(
    (_request, response) => {
      order.push('application');
      response.end();
    },
    {
      middleware: [
        (request, _response, next) => {
          order.push('middleware');
          next(request.url === '/over' ? new PageRefusal('expired') : undefined);
        },
      ],
    },
  );
  expect((await ask(server, '/')).status).toBe(200);
  expect((await ask(server, '/over')).status).toBe(410);
  expect(order).toEqual(['middleware', 'application', 'middleware']);
});

test('a handler knows the circuit of a request', async () => {
  const server = await served((request, response) => response.end(`${circuitOf(request)}`), {
    circuitLine: true,
  });
  const request = `GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: ${formatAuthorization(CREDENTIALS)}\r\n\r\n`;
  const line = 'PROXY TCP6 fc00:dead:beef:4dad::1:2 ::1 7 80\r\n';
  expect(await rawReply(server.httpSocket, line + request)).toMatch(/\r\n\r\n65538$/);
});

interface Told {
  readonly status?: number;
  readonly text?: string;
}

async function webSocket(
  { httpSocket }: OnionHttpServer,
  credentials: typeof CREDENTIALS | undefined,
): Promise<Told> {
  const options: ClientOptions =
    credentials === undefined
      ? {}
      : { headers: { authorization: formatAuthorization(credentials) } };
  const socket = new WebSocket(`ws+unix:${httpSocket}:/live`, options);
  onTestFinished(() => socket.terminate());
  return await new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (_, { statusCode = 0 }) => resolve({ status: statusCode }));
    socket.on('open', () => socket.send('hello'));
    socket.on('message', (message: Buffer) => resolve({ text: message.toString() }));
  });
}

test('of a server, requests and WebSockets are served, both behind the password', async () => {
  const own = createServer((_request, response) => response.end('page'));
  const live = new WebSocketServer({ server: own });
  live.on('connection', (socket, request) => {
    socket.on('message', (message: Buffer) => {
      socket.send(`${message.toString()} at ${request.url}`);
    });
  });
  const server = await served(own);
  expect((await ask(server, '/')).text).toBe('page');
  expect(await webSocket(server, CREDENTIALS)).toEqual({ text: 'hello at /live' });
  for (const credentials of [undefined, WRONG]) {
    expect(await webSocket(server, credentials)).toEqual({ status: 401 });
  }
  expect(live.clients.size).toBe(1);
  const closed = once([...live.clients][0] ?? live, 'close');
  await server.close();
  await closed;
});

test('an application without upgrades gets such a request as a plain one', async () => {
  const server = await served((request, response) => {
    response.statusCode = 426;
    response.end(request.headers.upgrade);
  });
  expect(await webSocket(server, CREDENTIALS)).toEqual({ status: 426 });
});
