import { Agent, createServer, type RequestListener } from 'node:http';
import { connect } from 'node:net';
import { type Duplex, Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { OnionferryError } from '../../../src/base/errors.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { ChannelState, ParticipantId } from '../../../src/relay-protocol/wire.js';
import { answeredPair, confirmedPair } from '../support/confirmed-pair.js';
import {
  CREDENTIALS,
  confirmation,
  farAccess,
  listeningAt,
  nonce,
  runningRelay,
  share,
} from '../support/running-relay.js';
import { type Trick, trickyProxy } from '../support/tricky-proxy.js';

/** A whole session of the protocol, each step after the one before. @returns what each step gave */
async function session(access: RelayClient): Promise<ChannelState[]> {
  const { h_k, hh_k } = confirmation();
  const sender = await access.join({ role: 'sender', nonce: nonce() });
  const from = { channel: sender.channel, uuid: sender.uuid };
  const offered = await access.channel({ ...from, attempt: 1, x: share() });
  const recipient = await access.join({
    role: 'recipient',
    nonce: nonce(),
    channel: sender.channel,
  });
  const to = { channel: sender.channel, uuid: recipient.uuid };
  const answered = await access.channel({ ...to, attempt: 1, y: share(), hh_k });
  const seen = await access.channel({ ...from, since: 1, wait: 100 });
  const confirmed = await access.channel({ ...from, attempt: 1, h_k });
  const told = await access.channel({ ...to, since: 0, wait: 100 });
  const closed = await access.channel({ ...to, close: true });
  return [sender.state, offered, recipient.state, answered, seen, confirmed, told, closed];
}

/** How a state looks apart from what is random */
function outline(state: ChannelState): unknown {
  const text = JSON.stringify(state).replaceAll(/[A-Za-z0-9_-]{36,}/g, '…');
  return { ...(JSON.parse(text) as object), revision: 0 };
}

const expected = [
  { role: 'sender', attempts: [] },
  { role: 'sender', attempts: [{ attempt: 1, phase: 'posted' }] },
  { role: 'recipient', phase: 'joined', attempt: 1, x: '…' },
  { role: 'recipient', phase: 'answered', attempt: 1, x: '…' },
  { role: 'sender', attempts: [{ attempt: 1, phase: 'answered', y: '…', hh_k: '…' }] },
  { role: 'sender', attempts: [{ attempt: 1, phase: 'confirmed', participant: '…' }] },
  { role: 'recipient', phase: 'confirmed', attempt: 1, x: '…', h_k: '…' },
  { role: 'recipient', phase: 'ended' },
].map((state) => ({ ...state, revision: 0, stapled: false }));

test.each<[Trick, number]>(
  (['close', 'cut', 'silence'] as const).flatMap((trick) =>
    expected.map((_state, victim): [Trick, number] => [trick, victim]),
  ),
)('a session survives a %s instead of reply %i', async (trick, victim) => {
  const relay = await runningRelay();
  const proxy = await trickyProxy(relay.httpSocket, { victim, trick });
  const access = farAccess(
    { ...relay, httpSocket: proxy.path },
    { replyDeadlineMs: 250, retryDelaysMs: [1, 1] },
  );
  expect((await session(access)).map(outline)).toEqual(expected);
  expect(proxy.swallowed).toBe(1);
});

test('a connection that was closed while idle costs nothing', async () => {
  const relay = await runningRelay({ keepAliveMs: 1 });
  const access = farAccess(relay, { retryDelaysMs: [1] });
  for (let i = 0; i < 20; i++) await access.join({ role: 'sender', nonce: nonce() });
});

test('from the first connection to h_k a recipient needs two round trips', async () => {
  const relay = await runningRelay();
  const sender = await relay.local.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
  const from = { channel: 'a-b', uuid: sender.uuid };
  await relay.local.channel({ ...from, attempt: 1, x: share() });
  const { h_k, hh_k } = confirmation();
  const confirming = (async () => {
    let state = sender.state;
    while (state.role === 'sender' && state.attempts[0]?.phase !== 'answered') {
      state = await relay.local.channel({ ...from, since: state.revision, wait: 50_000 });
    }
    await relay.local.channel({ ...from, attempt: 1, h_k });
  })();

  const proxy = await trickyProxy(relay.httpSocket);
  const access = farAccess({ ...relay, httpSocket: proxy.path });
  const joined = await access.join({ role: 'recipient', nonce: nonce(), channel: 'a-b' });
  expect(joined.state).toMatchObject({ phase: 'joined', attempt: 1 });
  const place = { channel: 'a-b', uuid: joined.uuid, attempt: 1 };
  const answer = { y: share(), hh_k, since: joined.state.revision, wait: 50_000 };
  expect(await access.channel({ ...place, ...answer })).toMatchObject({ h_k });
  expect(proxy.flights).toBe(2);
  expect(proxy.connections).toBe(1);
  await confirming;
});

test('what the relay refuses is an error with a sentence, and is not asked again', async () => {
  const relay = await runningRelay({ channels: 1, accessDelayMs: 1 });
  const pair = await answeredPair(relay.local);
  const proxy = await trickyProxy(relay.httpSocket);
  const there = { ...relay, httpSocket: proxy.path };
  const access = farAccess(there);
  const stranger = farAccess(there, { credentials: { ...CREDENTIALS, password: 'wrong' } });
  const { channel, sender: uuid, recipient } = pair;
  const role = 'recipient' as const;
  const failing: [() => Promise<unknown>, string][] = [
    [() => stranger.join({ role, nonce: nonce(), channel }), 'ERR_PASSWORD'],
    [() => access.join({ role, nonce: nonce(), channel: 'c-d' }), 'ERR_CHANNEL_MISSING'],
    [() => access.join({ role: 'sender', nonce: nonce(), channel }), 'ERR_CHANNEL_TAKEN'],
    [() => access.join({ role: 'sender', nonce: nonce(), channel: 'c-d' }), 'ERR_RELAY_BUSY'],
    [() => access.join({ role, nonce: nonce(), channel, curve: 'siec' }), 'ERR_CURVE'],
    [() => access.channel({ channel, uuid, attempt: 1, x: share() }), 'ERR_PROTOCOL'],
    [() => access.channel({ channel, uuid, attempt: 5, close: true }), 'ERR_ATTEMPT_ENDED'],
    [() => access.channel({ channel, uuid: recipient, attempt: 1, x: 'AAAA' }), 'ERR_PROTOCOL'],
  ];
  for (const [ask, code] of failing) {
    const error = await ask().catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(OnionferryError);
    expect(error).toMatchObject({
      code,
      message: expect.stringMatching(/^[a-z].{20,}[^.]$/) as string,
    });
  }
  expect(proxy.replies).toBe(failing.length);
});

test('the channel that ends while one waits is told apart from one that never was', async () => {
  const relay = await runningRelay();
  const { channel, sender, recipient } = await confirmedPair(relay.local);
  const access = farAccess(relay);
  const poll = access.channel({ channel, uuid: recipient, since: 9, wait: 50_000 });
  const told = expect(poll).rejects.toMatchObject({ code: 'ERR_CHANNEL_CLOSED' });
  await access.channel({ channel, uuid: sender, close: true });
  await told;
});

function* endless(): Generator<Buffer> {
  for (;;) yield Buffer.alloc(16_384, ' ');
}

/** Something that is no relay, at a unix socket. */
async function impostor(listener: RequestListener): Promise<string> {
  return await listeningAt(createServer(listener));
}

test.each<[string, string, RequestListener]>([
  ['a web page', 'ERR_PROTOCOL', (_q, reply) => reply.end('<html>')],
  [
    'a reply with more fields',
    'ERR_PROTOCOL',
    (_q, reply) =>
      reply.end('{"role":"sender","revision":0,"attempts":[],"stapled":false,"more":1}'),
  ],
  ['a redirect', 'ERR_PROTOCOL', (_q, reply) => reply.writeHead(302, { Location: '/' }).end()],
  ['an error without a code', 'ERR_PROTOCOL', (_q, reply) => reply.writeHead(500).end('no')],
  [
    'a refusal of its own',
    'ERR_PROTOCOL',
    (_q, reply) => reply.writeHead(400).end('{"error":{"code":"x"}}'),
  ],
  ['its own 401', 'ERR_PASSWORD', (_q, reply) => reply.writeHead(401).end('who?')],
  ['an endless reply', 'ERR_PROTOCOL', (_q, reply) => Readable.from(endless()).pipe(reply)],
  ['bytes that are not text', 'ERR_PROTOCOL', (_q, reply) => reply.end(Buffer.alloc(100, 0xff))],
])('%s from what answers there is %s', async (_name, code, listener) => {
  const path = await impostor(listener);
  const access = farAccess(
    { httpSocket: path, streamSocket: path },
    { retryDelaysMs: [], replyDeadlineMs: 5000 },
  );
  const uuid = '00000000-0000-4000-8000-000000000000' as ParticipantId;
  await expect(access.channel({ channel: 'a-b', uuid })).rejects.toMatchObject({ code });
});

test('when every reply is lost it says so after a few times', async () => {
  let asked = 0;
  const path = await impostor((request) => {
    asked++;
    request.socket.destroy();
  });
  const access = farAccess({ httpSocket: path, streamSocket: path }, { retryDelaysMs: [1, 1, 1] });
  await expect(access.join({ role: 'sender', nonce: nonce() })).rejects.toMatchObject({
    code: 'ERR_RELAY',
    message: 'the relay does not answer; check that it still runs and try again',
  });
  expect(asked).toBe(4);
});

test('an error of dialling is passed on as it is, and while repeating it is one more loss', async () => {
  const relay = await runningRelay();
  const unreachable = new OnionferryError('ERR_ONION_UNREACHABLE', 'no way there');
  const dials = ['lost', 'unreachable', 'through', 'unreachable'];
  class Dialling extends Agent {
    override createConnection(
      _options: object,
      done?: (error: Error | null, socket: Duplex) => void,
    ): Duplex | undefined {
      const fate = dials.shift();
      if (fate === 'unreachable') {
        // The socket counts only where there is no error.
        done?.(unreachable, undefined as unknown as Duplex);
        return undefined;
      }
      return connect(fate === 'lost' ? `${relay.httpSocket}.gone` : relay.httpSocket);
    }
  }
  const agent = new Dialling();
  const access = farAccess(relay, { agent, retryDelaysMs: [1, 1] });
  await access.join({ role: 'sender', nonce: nonce() });
  expect(dials).toEqual(['unreachable']);
  await expect(access.join({ role: 'sender', nonce: nonce() })).rejects.toBe(unreachable);
});

test('a signal or closing the access ends a request at once', async () => {
  const relay = await runningRelay();
  const { channel, sender: uuid } = await confirmedPair(relay.local);
  const access = farAccess(relay);
  const leaving = new AbortController();
  const request = { channel, uuid, since: 9, wait: 50_000 };
  const first = access.channel(request, { signal: leaving.signal });
  setTimeout(() => leaving.abort(new Error('enough')), 30);
  await expect(first).rejects.toThrow('enough');
  await expect(access.channel(request, { signal: leaving.signal })).rejects.toThrow('enough');
  const second = access.channel(request);
  setTimeout(() => void access.close(), 30);
  await expect(second).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  await expect(access.channel(request)).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
});

test('of a reply no more is read than a reply may have', async () => {
  let padding = 60 * 1024;
  const state = { role: 'recipient', revision: 0, phase: 'waiting', stapled: false };
  const uuid = '00000000-0000-4000-8000-000000000000';
  const reply = JSON.stringify({ channel: 'a-b', uuid, curve: 'p256', state });
  const impostor: RequestListener = (_request, response) => {
    response.setHeader('content-type', 'application/json').end(reply + ' '.repeat(padding));
  };
  const path = await listeningAt(createServer(impostor));
  const access = farAccess({ httpSocket: path, streamSocket: path });
  const hello = { role: 'recipient', channel: 'a-b', nonce: nonce() } as const;
  expect(await access.join(hello)).toMatchObject({ uuid });
  padding = 64 * 1024;
  await expect(access.join(hello)).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
});
