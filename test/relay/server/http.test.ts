import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import type { Logger } from '../../../src/base/logger.js';
import { OnionHttpServer } from '../../../src/onion-http/onion-http-server.js';
import { DEFAULT_RELAY_LIMITS } from '../../../src/relay/limits.js';
import { Backend } from '../../../src/relay/server/backend.js';
import { createRelayHttp } from '../../../src/relay/server/http.js';
import { Registry } from '../../../src/relay/server/registry.js';
import type { JoinReply } from '../../../src/relay-protocol/wire.js';
import { rawReply } from '../../pages/support/running-web.js';
import {
  CREDENTIALS,
  keptAlive,
  listeningAt,
  nonce,
  type PlainReply,
  plainRequest,
  runningRelay,
} from '../support/running-relay.js';

const join1 = { role: 'sender', nonce: nonce(), channel: 'a-b' };

test('without a password there is a challenge, with the right one, in UTF-8, there is none', async () => {
  const { httpSocket } = await runningRelay();
  for (const path of ['/join', '/channel']) {
    const reply = await plainRequest(httpSocket, path, {
      body: join1,
      headers: { authorization: '' },
    });
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toBe('Basic realm="onionferry", charset="UTF-8"');
    expect(reply.json).toEqual({ error: { code: 'unauthorized' } });
  }
  expect((await plainRequest(httpSocket, '/join', { body: join1 })).status).toBe(200);
});

test.each([
  ['another password', formatAuthorization({ ...CREDENTIALS, password: 'argent-strasse' })],
  ['another user', formatAuthorization({ ...CREDENTIALS, user: 'Ferry' })],
  ['a prefix of the password', formatAuthorization({ ...CREDENTIALS, password: 'ärger-straß' })],
  ['nothing', formatAuthorization({ user: '', password: '' })],
  ['another scheme', 'Bearer abc'],
  ['no colon', `Basic ${Buffer.from('ferry').toString('base64')}`],
])('a login that is %s gets 401', async (_name, authorization) => {
  const { httpSocket } = await runningRelay({ accessDelayMs: 1 });
  const reply = await plainRequest(httpSocket, '/join', {
    body: join1,
    headers: { authorization },
  });
  expect([reply.status, reply.json]).toEqual([401, { error: { code: 'unauthorized' } }]);
});

test('while thousands of wrong passwords are refused, the right one is not delayed', async () => {
  const { httpSocket } = await runningRelay({
    ...{ accessDelayMs: 3_600_000, delayedRefusals: 50 },
    // All are judged.
    guessBurst: 10_000,
  });
  const headers = { authorization: formatAuthorization({ ...CREDENTIALS, password: 'wrong' }) };
  let turnedAway = 0;
  let told = 0;
  const failing: Promise<unknown>[] = [];
  for (let wave = 0; wave < 20; wave++) {
    const wrong = Array.from({ length: 100 }, () =>
      plainRequest(httpSocket, '/join', { body: join1, headers }).then(
        () => told++,
        () => turnedAway++,
      ),
    );
    failing.push(...wrong);
    expect((await plainRequest(httpSocket, '/join', { body: join1 })).status).toBe(200);
    if (wave === 0) await Promise.race(wrong);
    else await Promise.all(wrong);
  }
  expect(told).toBe(0);
  expect(turnedAway).toBe(2000 - 50);
});

test.each<[string, string, unknown]>([
  ['an unknown field', '/join', { ...join1, admin: true }],
  ['an unknown role', '/join', { ...join1, role: 'relay' }],
  ['no nonce', '/join', { role: 'sender' }],
  ['a short nonce', '/join', { ...join1, nonce: 'AAAA' }],
  ['a nonce that is not base64url', '/join', { ...join1, nonce: '/'.repeat(22) }],
  ['no channel from a recipient', '/join', { role: 'recipient', nonce: nonce() }],
  ['a channel with a slash', '/join', { ...join1, channel: '../a' }],
  ['a channel with a line feed', '/join', { ...join1, channel: 'a\n' }],
  ['an endless channel', '/join', { ...join1, channel: 'a'.repeat(129) }],
  ['an unknown curve', '/join', { ...join1, curve: 'p128' }],
  ['null', '/join', 'null'],
  ['a list', '/join', '[]'],
  ['a string', '/join', '"a"'],
  ['an empty body', '/join', ''],
  ['broken JSON', '/join', '{"role":'],
  ['a prototype', '/join', '{"__proto__":{"role":"sender"}}'],
  ['no uuid', '/channel', { channel: 'a-b' }],
  ['a uuid that is none', '/channel', { channel: 'a-b', uuid: 'x' }],
])('%s is refused as a bad request', async (_name, path, body) => {
  const { httpSocket } = await runningRelay();
  const reply = await plainRequest(httpSocket, path, { body });
  expect([reply.status, reply.json]).toEqual([400, { error: { code: 'bad-request' } }]);
});

test.each<[string, object]>([
  ['x without an attempt', { x: 'AAAA' }],
  ['h_k without an attempt', { h_k: 'A'.repeat(43) }],
  ['y without hh_k', { attempt: 1, y: 'AAAA' }],
  ['hh_k without y', { attempt: 1, hh_k: 'A'.repeat(43) }],
  ['two writes at once', { attempt: 1, x: 'AAAA', close: true }],
  ['an endless x', { attempt: 1, x: 'A'.repeat(196) }],
  ['an empty x', { attempt: 1, x: '' }],
  ['a short h_k', { attempt: 1, h_k: 'A'.repeat(42) }],
  ['attempt 0', { attempt: 0, x: 'AAAA' }],
  ['half an attempt', { attempt: 1.5, x: 'AAAA' }],
  ['a wait that is too long', { wait: 50_001 }],
  ['a negative wait', { wait: -1 }],
  ['a revision that is none', { since: 'a' }],
  ['close: false', { close: false }],
])('a channel request with %s is refused', async (_name, write) => {
  const { httpSocket } = await runningRelay();
  const opened = await plainRequest(httpSocket, '/join', { body: join1 });
  const body = { channel: 'a-b', uuid: opened.json['uuid'], ...write };
  const reply = await plainRequest(httpSocket, '/channel', { body });
  expect([reply.status, reply.json]).toEqual([400, { error: { code: 'bad-request' } }]);
});

test('every wrong request gets a small JSON error without internal details', async () => {
  const { httpSocket } = await runningRelay();
  const ask = (path: string, method = 'POST', body?: unknown): Promise<PlainReply> =>
    plainRequest(httpSocket, path, { method, body });
  const gzip = { 'content-encoding': 'gzip' };
  const replies: [PlainReply, number, string][] = [
    [await ask('/'), 404, 'not-found'],
    [await ask('/', 'GET'), 404, 'not-found'],
    [await ask('/join/'), 404, 'not-found'],
    [await ask('/JOIN'), 404, 'not-found'],
    [await ask('/join/../channel'), 404, 'not-found'],
    [await ask('/%'), 404, 'not-found'],
    [await ask('http://', 'GET'), 404, 'not-found'],
    [await ask('*', 'OPTIONS'), 404, 'not-found'],
    [await ask('/join', 'GET'), 405, 'method-not-allowed'],
    [await ask('/channel', 'DELETE'), 405, 'method-not-allowed'],
    [await ask('/join', 'POST', ' '.repeat(5000)), 413, 'too-large'],
    [
      await plainRequest(httpSocket, '/join', {
        body: gzipSync(JSON.stringify(join1)),
        headers: gzip,
      }),
      400,
      'bad-request',
    ],
    [
      await plainRequest(httpSocket, '/join', {
        body: JSON.stringify(join1),
        headers: { 'content-type': 'text/plain' },
      }),
      400,
      'bad-request',
    ],
  ];
  for (const [reply, status, code] of replies) {
    expect([reply.status, reply.json]).toEqual([status, { error: { code } }]);
    expect(reply.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(reply.headers['referrer-policy']).toBe('no-referrer');
    expect(reply.headers['cache-control']).toBe('no-store');
    for (const header of ['x-powered-by', 'etag', 'server']) {
      expect(reply.headers[header]).toBeUndefined();
    }
  }
  expect(replies[8]?.[0].headers['allow']).toBe('POST');
});

test('unless remote senders are asked for, only the local one opens a channel', async () => {
  const { httpSocket, local } = await runningRelay({}, { remoteSenders: undefined });
  const join = (role: string, channel?: string): Promise<PlainReply> =>
    plainRequest(httpSocket, '/join', { body: { role, nonce: nonce(), channel } });
  const refused = async (): Promise<void> => {
    for (const channel of ['a-b', 'c-d', undefined]) {
      const { status, json } = await join('sender', channel);
      expect([status, json]).toEqual([403, { error: { code: 'no-senders' } }]);
    }
  };
  await refused();
  expect((await join('recipient', 'a-b')).json).toEqual({ error: { code: 'no-such-channel' } });
  await local.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
  await refused();
  expect((await join('recipient', 'a-b')).status).toBe(200);
});

test.each<[string, string]>([
  ['no key', 'POST /join HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}'],
  ['a wrong key', 'POST /join HTTP/1.1\r\nHost: a\r\nAuthorization: Basic eDp5\r\n\r\n'],
  ['another path', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['a path that is none', 'GET http:// HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['another method', 'GET /join HTTP/1.1\r\nHost: a\r\n\r\n'],
  ['no host', 'GET / HTTP/1.1\r\n\r\n'],
  ['an expectation', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: much\r\n\r\n'],
])('a connection that asks with %s is not kept', async (_name, request) => {
  const { httpSocket } = await runningRelay({ accessDelayMs: 1 });
  expect(await rawReply(httpSocket, request)).not.toContain('keep-alive');
});

test('an authenticated connection is kept, unless it asks to be closed', async () => {
  const { httpSocket } = await runningRelay();
  const agent = keptAlive(httpSocket);
  const kept = await plainRequest(httpSocket, '/join', { body: join1, agent });
  expect(kept.headers.connection).toBe('keep-alive');
  expect(kept.headers['keep-alive']).toBe('timeout=120');
  const wrong = await plainRequest(httpSocket, '/join', { body: {}, agent });
  expect([wrong.status, wrong.headers.connection]).toEqual([400, 'keep-alive']);
  const headers = { connection: 'close' };
  const last = await plainRequest(httpSocket, '/join', { body: join1, headers });
  expect([last.status, last.headers.connection]).toEqual([200, 'close']);
});

test('what is not HTTP, or has endless headers, gets a one-line refusal', async () => {
  const { httpSocket } = await runningRelay();
  expect(await rawReply(httpSocket, 'SSH-2.0-hello\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 400 .*\{"error":\{"code":"bad-request"\}\}$/s,
  );
  expect(
    await rawReply(httpSocket, `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(9000)}\r\n\r\n`),
  ).toMatch(/^HTTP\/1\.1 431 .*\{"error":\{"code":"too-large"\}\}$/s);
});

test('an internal failure is answered without its details, and logged', async () => {
  class Broken extends Registry {
    override join(): JoinReply {
      throw new Error('inside story');
    }
  }
  const warnings: string[] = [];
  const logger: Logger = { debug: () => undefined, warn: (message) => warnings.push(message) };
  const limits = DEFAULT_RELAY_LIMITS;
  const registry = new Broken({ limits });
  const { http } = new OnionHttpServer({
    ...{ credentials: CREDENTIALS, directory: '', limits, circuitLine: false },
    answer: (access) =>
      createRelayHttp({
        ...{ registry, backend: new Backend(registry) },
        access,
        remoteSenders: true,
        limits,
        logger,
      }),
  });
  const path = await listeningAt(http);
  const reply = await plainRequest(path, '/join', { body: join1 });
  expect([reply.status, reply.text]).toEqual([500, '{"error":{"code":"internal"}}']);
  expect(warnings).toEqual(['relay: a request failed: Error: inside story']);
});

const line = 'PROXY TCP6 fc00:dead:beef:4dad::0:7 ::1 7 80\r\n';

test.each<[string, boolean, string[]]>([
  ['nothing at all', true, ['']],
  ['half a PROXY line', true, ['PROXY TCP6 fc00:']],
  ['a PROXY line and silence', true, [line]],
  ['half a header behind the PROXY line', true, [line, 'POST /join HTTP/1.1\r\nHost:']],
  ['a PROXY line with half a header glued to it', true, [`${line}POST /join HTTP/1.1\r\nHost:`]],
  ['half a header', false, ['POST /join HTTP/1.1\r\nHost: a\r\n']],
  [
    'half a body behind the PROXY line',
    true,
    [line, 'POST /join HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{'],
  ],
])('a client that sends %s is not waited for', async (_name, circuitLine, pieces) => {
  const { httpSocket } = await runningRelay({ headMs: 200, requestMs: 400 }, { circuitLine });
  await rawReply(httpSocket, ...pieces);
});

test.each([
  ['no PROXY line', 'POST /join HTTP/1.1\r\n'],
  ["an address that is not tor's", 'PROXY TCP6 ::1 ::1 7 80\r\n'],
  ['an endless first line', 'P'.repeat(200)],
  ['a line without its carriage return', line.replace('\r', '')],
])('a connection with %s is closed without an answer', async (_name, first) => {
  const { httpSocket } = await runningRelay({}, { circuitLine: true });
  expect(await rawReply(httpSocket, first)).toBe('');
});
