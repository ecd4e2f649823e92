import { once } from 'node:events';
import { truncate } from 'node:fs/promises';
import { createServer } from 'node:http';
import express from 'express';
import {
  circuitOf,
  type Handle,
  type OnlineEvent,
  type Option,
  openTor,
  serve,
  share,
  withDataDir,
  withEphemeral,
  withExpiry,
  withMiddleware,
  withPassword,
  withSingleAddress,
  withTor,
  withUser,
} from 'onionferry';
import { describe, expect, inject, vi } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import { accessLog, rateLimit } from '../../examples/middleware.js';
import { formatAuthorization } from '../../src/base/authorization.js';
import { OnionAgent } from '../../src/tor/dial/onion-agent.js';
import { test as base, openStage, type Stage } from '../support/stage.js';
import { startVisitor, type VisitedPage, type Visitor } from '../support/visitor.js';

const PASSWORD = 'any text: of mine';

const test = base.extend<{ visitor: Visitor }>({
  visitor: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      await using visitor = await startVisitor(stage.path, inject('torrc'));
      await use(visitor);
    },
    { scope: 'file' },
  ],
});

/** What every call here needs: the private network, and a folder of its own. */
function options(stage: Stage): Option<'serve' | 'share'>[] {
  return [
    withDataDir(stage.home()),
    withTor({ torrc: inject('torrc') }),
    withEphemeral(),
    withUser('friend'),
    withPassword(PASSWORD),
  ];
}

function circuitIn({ body }: VisitedPage): unknown {
  // As the application of the test writes it.
  return (JSON.parse(body.toString()) as { circuit: unknown }).circuit;
}

async function online(handle: Handle<unknown>): Promise<OnlineEvent> {
  const told = new Promise<OnlineEvent>((resolve) => handle.on('online', resolve));
  return await Promise.race([told, handle.done.then(() => told)]);
}

describe.concurrent('an application of one’s own', () => {
  test('is reached over Tor with the right password, and by nobody else', async ({
    stage,
    visitor,
  }) => {
    const seen: string[] = [];
    const app = express();
    app.use(express.text());
    app.post('/shout', (request, response) => {
      seen.push(request.path);
      response.json({ text: String(request.body).toUpperCase(), circuit: circuitOf(request) });
    });
    await using handle = serve(app, ...options(stage));
    const where = await online(handle);
    expect([where.user, where.password]).toEqual(['friend', PASSWORD]);
    const asked = { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'größer' };
    const wrong = await visitor.visit({ ...where, password: 'wrong' }, '/shout', asked);
    expect(wrong.status).toBe(401);
    expect(wrong.headers['www-authenticate']).toBe('Basic realm="onionferry", charset="UTF-8"');
    expect(seen).toEqual([]);
    const right = await visitor.visit(where, '/shout', asked);
    expect([right.status, seen]).toEqual([200, ['/shout']]);
    expect(JSON.parse(right.body.toString())).toEqual({
      text: 'GRÖSSER',
      circuit: expect.any(Number) as number,
    });
    expect((await visitor.visit(where, '/nothing')).status).toBe(404);
    // With nine more, tor closes the circuit: whoever comes back has another one.
    const guesses = Array.from({ length: 9 }, () =>
      visitor.visit({ ...where, password: 'wrong' }, '/shout', asked),
    );
    await Promise.allSettled(guesses);
    // The last refusal leaves before its circuit is closed, which takes what was asked meanwhile along.
    const again = await vi.waitFor(() => visitor.visit(where, '/shout', asked), 60_000);
    expect(again.status).toBe(200);
    expect(circuitIn(again)).not.toBe(circuitIn(right));
    await handle.close();
    await expect(handle.done).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  test('may be a server with WebSockets, which need the password as well', async ({ stage }) => {
    const own = createServer();
    const live = new WebSocketServer({ server: own });
    live.on('connection', (socket) => {
      socket.on('message', (message: Buffer) => socket.send(`you said ${message.toString()}`));
    });
    await using handle = serve(own, ...options(stage));
    const { onion, user, password } = await online(handle);
    const agent = new OnionAgent({
      socks: { kind: 'tcp', host: '127.0.0.1', port: inject('socksPort') },
      isolation: 'serve',
    });
    const connect = (authorization: string): WebSocket =>
      new WebSocket(`ws://${onion}/`, { agent, headers: { authorization } });
    const right = connect(formatAuthorization({ user, password }));
    await once(right, 'open');
    right.send('hello');
    const [message] = (await once(right, 'message')) as [Buffer];
    expect(message.toString()).toBe('you said hello');
    right.terminate();
    const wrong = connect(formatAuthorization({ user, password: 'wrong' }));
    wrong.on('error', () => undefined);
    const [, response] = (await once(wrong, 'unexpected-response')) as [
      unknown, // the event's documented arguments
      { statusCode: number },
    ];
    expect(response.statusCode).toBe(401);
    wrong.terminate();
    agent.destroy();
  });

  test('ends when its time is over, and says so to those who come later', async ({
    stage,
    visitor,
  }) => {
    await using handle = serve(
      (_request, response) => response.end('still here'),
      ...[...options(stage), withExpiry(1)],
    );
    const where = await online(handle);
    let late = await visitor.visit(where, '/');
    while (late.status === 200) late = await visitor.visit(where, '/');
    expect(late.status).toBe(410);
    expect(late.body.toString()).toContain('<h1>');
    await handle.close();
    await handle.done;
  });
});

test('a tor that was opened for several calls serves them at once, outlives each, and ends by itself', async ({
  stage,
  visitor,
}) => {
  const shared = await openTor(withDataDir(stage.home()), withTor({ torrc: inject('torrc') }));
  const given = [...options(stage), withTor({ shared })];
  const large = await stage.file('large', '');
  await truncate(large, 8 * 1024 * 1024);
  await using serving = serve((_request, response) => response.end('served'), ...given);
  await using sharing = share([large], ...given, withSingleAddress());
  const [served, listed] = await Promise.all([online(serving), online(sharing)]);
  expect((await visitor.visit(served, '/')).body.toString()).toBe('served');
  await serving.close();
  const listing = (await visitor.visit(listed, '/')).body.toString();
  expect(listing).toContain('href="/files/large');
  // Large enough for siblings, but there are none.
  expect(listing).not.toContain('/parallel/');
  await sharing.close();
  await shared.close();
  await using late = share([large], ...given);
  await expect(late.done).rejects.toMatchObject({ code: 'ERR_USAGE' });
});

test('a share with middleware keeps its limit, and logs what identifies nobody', async ({
  stage,
  visitor,
}) => {
  const lines: string[] = [];
  const file = await stage.file('secret name.txt', 'content');
  const middleware = withMiddleware(
    accessLog((line) => lines.push(line)),
    rateLimit({ requests: 2, windowMs: 3_600_000 }),
  );
  await using handle = share([file], ...options(stage), middleware);
  const where = await online(handle);
  const asked: number[] = [];
  for (const password of ['wrong', PASSWORD, PASSWORD, PASSWORD]) {
    const { status } = await visitor.visit({ ...where, password }, '/files/secret%20name.txt');
    asked.push(status);
  }
  expect(asked).toEqual([401, 200, 200, 503]);
  await expect.poll(() => lines.length).toBe(3);
  expect(lines.map((line) => line.split(' ').slice(1, 3).join(' '))).toEqual([
    'GET 200',
    'GET 200',
    'GET 503',
  ]);
  expect(lines.join()).not.toContain('secret');
});
