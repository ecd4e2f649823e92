import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { formatAuthorization } from '../../src/base/authorization.js';
import { deferred } from '../../src/base/deferred.js';
import { type RelayServer, startRelay } from '../../src/relay/server/start-relay.js';
import { answeredPair, type Pair } from '../relay/support/confirmed-pair.js';
import {
  AUTHORIZATION,
  CREDENTIALS,
  nonce,
  runningRelay,
  scratchDirectory,
} from '../relay/support/running-relay.js';

/** A kept-alive connection through a circuit of tor's. */
class CircuitConnection {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  #text = '';

  constructor(path: string, circuit: number | 'unknown') {
    const [high, low] = lineParts(circuit);
    this.socket = createConnection(path);
    this.socket.write(
      circuit === 'unknown'
        ? 'PROXY UNKNOWN\r\n'
        : `PROXY TCP6 fc00:dead:beef:4dad::${high}:${low} ::1 ${circuit & 0xffff} 80\r\n`,
    );
    // The relay may close it with something unread, which is an error here.
    this.socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.on('data', (piece: Buffer) => {
      this.#text += piece.toString();
    });
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  ask(path: string, body: object, authorization = AUTHORIZATION): void {
    const json = JSON.stringify(body);
    this.socket.write(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
    );
  }

  /** @returns status and body, cut out of the plain bytes */
  async post(path: string, body: object): Promise<string> {
    this.#text = '';
    this.ask(path, body);
    while (!this.#text.endsWith('}')) await once(this.socket, 'data');
    return `${this.#text.slice(9, 12)} ${this.#text.slice(this.#text.indexOf('{'))}`;
  }

  say(hello: object): void {
    this.socket.write(`${JSON.stringify(hello)}\n`);
  }

  async close(): Promise<void> {
    this.socket.end();
    await this.closed;
  }
}

function lineParts(circuit: number | 'unknown'): string[] {
  if (circuit === 'unknown') return [];
  return [circuit >>> 16, circuit & 0xffff].map((half) => half.toString(16));
}

async function relayWithPair(): Promise<RelayServer & { pair: Pair }> {
  const relay = await runningRelay({ streams: 3 }, { circuitLine: true });
  return { ...relay, pair: await answeredPair(relay.local) };
}

const tooMany = '429 {"error":{"code":"too-many"}}';

test('before confirmation a participant speaks through four live circuits at most', async () => {
  const { pair, httpSocket } = await relayWithPair();
  const question = { channel: pair.channel, uuid: pair.recipient };
  const ask = (connection: CircuitConnection): Promise<string> =>
    connection.post('/channel', question);
  const connections: CircuitConnection[] = [];
  for (const circuit of [0x1_0001, 1, 0xffff_ffff, 77]) {
    const connection = new CircuitConnection(httpSocket, circuit);
    connections.push(connection);
    expect(await ask(connection)).toMatch(/^200/);
  }
  const second = new CircuitConnection(httpSocket, 77);
  expect(await ask(second)).toMatch(/^200/);
  const fifth = new CircuitConnection(httpSocket, 5);
  expect(await ask(fifth)).toBe(tooMany);
  // Somebody else is not concerned, and a circuit is live as long as one of its connections is.
  expect(await fifth.post('/channel', { ...question, uuid: pair.sender })).toMatch(/^200/);
  await connections[3]?.close();
  expect(await ask(fifth)).toBe(tooMany);
  await second.close();
  while ((await ask(fifth)) === tooMany);
  expect(await ask(fifth)).toMatch(/^200/);
});

test('after confirmation a participant has a circuit for each stream and two more', async () => {
  const { pair, httpSocket, streamSocket, local } = await relayWithPair();
  await pair.confirm();
  const question = { channel: pair.channel, uuid: pair.recipient };
  for (let circuit = 1; circuit <= 4; circuit++) {
    const connection = new CircuitConnection(httpSocket, circuit);
    expect(await connection.post('/channel', question)).toMatch(/^200/);
  }
  const hello = { ...question, authorization: AUTHORIZATION };
  const fifth = new CircuitConnection(streamSocket, 5);
  fifth.say({ ...hello, stream: 0 });
  const senderStream = await local.dialStream();
  await senderStream.hello({ channel: pair.channel, uuid: pair.sender, stream: 0 }).channel;
  const sixth = new CircuitConnection(streamSocket, 6);
  sixth.say({ ...hello, stream: 1 });
  const [answer] = (await once(sixth.socket, 'data')) as [Buffer];
  expect(answer.toString()).toBe('{"error":{"code":"too-many"}}\n');
});

test('a circuit with as many connections as it may have gets no more, on either port', async () => {
  const { httpSocket, streamSocket } = await runningRelay(
    { connectionsPerCircuit: 3 },
    { circuitLine: true },
  );
  const join = (): object => ({ role: 'sender', nonce: nonce() });
  const first = new CircuitConnection(httpSocket, 7);
  const second = new CircuitConnection(httpSocket, 7);
  for (const one of [first, second]) expect(await one.post('/join', join())).toMatch(/^200/);
  const silent = new CircuitConnection(streamSocket, 7);
  await once(silent.socket, 'connect');
  // When one that came later has been answered, the silent one has been counted.
  const answered = new CircuitConnection(streamSocket, 8);
  answered.say({});
  await answered.closed;
  for (const path of [httpSocket, streamSocket]) {
    const fourth = new CircuitConnection(path, 7);
    fourth.say({});
    await fourth.closed;
    expect(fourth.socket.bytesRead).toBe(0);
  }
  const another = new CircuitConnection(httpSocket, 8);
  expect(await another.post('/join', join())).toMatch(/^200/);
  await second.close();
  const next = new CircuitConnection(httpSocket, 7);
  expect(await next.post('/join', join())).toMatch(/^200/);
});

test('the circuit with most connections gives way to one with few, on whatever port', async () => {
  const { httpSocket, streamSocket } = await runningRelay(
    { connections: 8, newcomers: 2, keptPerCircuit: 8 },
    { circuitLine: true },
  );
  const join = (): object => ({ role: 'sender', nonce: nonce() });
  const honest = new CircuitConnection(httpSocket, 9);
  expect(await honest.post('/join', join())).toMatch(/^200/);
  const greedy = Array.from({ length: 5 }, () => new CircuitConnection(httpSocket, 7));
  for (const one of greedy) expect(await one.post('/join', join())).toMatch(/^200/);
  const newcomer = new CircuitConnection(httpSocket, 8);
  expect(await newcomer.post('/join', join())).toMatch(/^200/);
  await greedy[0]?.closed;
  // Without the password nobody gives way but others without it.
  const strangers = Array.from({ length: 4 }, () => new CircuitConnection(streamSocket, 7));
  await Promise.race(strangers.map(({ closed }) => closed));
  for (const one of [honest, newcomer, ...greedy.slice(1)]) {
    expect(await one.post('/join', join())).toMatch(/^200/);
  }
});

test('one circuit that joins as often as it can leaves room for others', async () => {
  const { httpSocket, local } = await runningRelay({ recipients: 3 }, { circuitLine: true });
  await local.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
  const join = (): object => ({ role: 'recipient', nonce: nonce(), channel: 'a-b' });
  const greedy = new CircuitConnection(httpSocket, 7);
  for (let i = 0; i < 6; i++) expect(await greedy.post('/join', join())).toMatch(/^200/);
  const honest = new CircuitConnection(httpSocket, 9);
  expect(await honest.post('/join', join())).toMatch(/^200/);
});

test('a circuit that has guessed passwords gets no answer any more, and another gets one at once', async () => {
  const { httpSocket, streamSocket } = await runningRelay(
    // Nobody here waits to be told, as nobody does who guesses.
    { accessDelayMs: 3_600_000, delayedRefusals: 0, authenticationFailures: 4 },
    { circuitLine: true },
  );
  const join = (): object => ({ role: 'sender', nonce: nonce() });
  const wrong = formatAuthorization({ ...CREDENTIALS, password: 'wrong' });
  const place = { channel: 'a-b', uuid: '00000000-0000-4000-8000-000000000000', stream: 0 };
  const early = new CircuitConnection(httpSocket, 7);
  expect(await early.post('/join', join())).toMatch(/^200/);
  for (let i = 0; i < 2; i++) {
    const guess = new CircuitConnection(httpSocket, 7);
    guess.ask('/join', {}, wrong);
    await guess.closed;
    const stream = new CircuitConnection(streamSocket, 7);
    if (i === 0) expect(await early.post('/join', join())).toMatch(/^200/);
    stream.say({ ...place, authorization: wrong });
    await stream.closed;
  }
  early.ask('/join', join());
  const late = new CircuitConnection(httpSocket, 7);
  late.ask('/join', join());
  const stream = new CircuitConnection(streamSocket, 7);
  stream.say({ ...place, authorization: AUTHORIZATION });
  const heard = early.socket.bytesRead;
  await Promise.all([early, late, stream].map(({ closed }) => closed));
  expect([early, late, stream].map(({ socket }) => socket.bytesRead)).toEqual([heard, 0, 0]);
  const another = new CircuitConnection(httpSocket, 8);
  expect(await another.post('/join', join())).toMatch(/^200/);
});

test('a circuit that is shut is closed by tor, and one of the next tor with its number is not', async () => {
  const { httpSocket, circuits } = await runningRelay(
    {
      ...{ accessDelayMs: 3_600_000, delayedRefusals: 0, authenticationFailures: 2 },
      lastReplyMs: 1,
    },
    { circuitLine: true },
  );
  const closed: number[] = [];
  circuits.closeWith({ closeCircuit: (circuit) => Promise.resolve(void closed.push(circuit)) });
  const circuit = 0x8001_0007;
  const guess = async (): Promise<void> => {
    const connection = new CircuitConnection(httpSocket, circuit);
    connection.ask('/join', {}, formatAuthorization({ ...CREDENTIALS, password: 'wrong' }));
    await connection.closed;
  };
  const early = new CircuitConnection(httpSocket, circuit);
  expect(await early.post('/join', { role: 'sender', nonce: nonce() })).toMatch(/^200/);
  await guess();
  expect(closed).toEqual([]);
  await guess();
  await early.closed;
  expect(closed).toEqual([circuit]);
  circuits.countAnew();
  const next = new CircuitConnection(httpSocket, circuit);
  expect(await next.post('/join', { role: 'sender', nonce: nonce() })).toMatch(/^200/);
  await guess();
  expect(closed).toEqual([circuit]);
  await guess();
  await next.closed;
  expect(closed).toEqual([circuit, circuit]);
});

test('the last reply on a circuit leaves before it is closed, and nothing is answered any more', async () => {
  const { httpSocket, circuits } = await runningRelay(
    // Until the relay is closed, which does not wait for it.
    { accessDelayMs: 1, authenticationFailures: 2, lastReplyMs: 3_600_000 },
    { circuitLine: true },
  );
  const closed: number[] = [];
  circuits.closeWith({ closeCircuit: (circuit) => Promise.resolve(void closed.push(circuit)) });
  const early = new CircuitConnection(httpSocket, 7);
  const looking = { role: 'recipient', nonce: nonce(), channel: 'a-b' };
  for (let times = 0; times < 2; times++) {
    expect(await early.post('/join', looking)).toMatch(/^404 /);
  }
  early.ask('/join', looking);
  const heard = early.socket.bytesRead;
  const late = new CircuitConnection(httpSocket, 7);
  late.ask('/join', { role: 'sender', nonce: nonce() });
  await Promise.all([early.closed, late.closed]);
  expect([early, late].map(({ socket }) => socket.bytesRead)).toEqual([heard, 0]);
  expect(closed).toEqual([]);
});

test('what is no request counts like a wrong password, but not from somebody who has shown it', async () => {
  const { httpSocket, circuits } = await runningRelay(
    { authenticationFailures: 2, lastReplyMs: 1 },
    { circuitLine: true },
  );
  const closed: number[] = [];
  const first = deferred<undefined>();
  circuits.closeWith({
    closeCircuit: (circuit) => Promise.resolve(void closed.push(circuit)).then(first.resolve),
  });
  const [known, unknown] = [7, 8];
  for (let times = 0; times < 2; times++) {
    const friend = new CircuitConnection(httpSocket, known);
    expect(await friend.post('/join', { role: 'sender', nonce: nonce() })).toMatch(/^200/);
    friend.socket.write('nonsense\r\n\r\n');
    await friend.closed;
    const stranger = new CircuitConnection(httpSocket, unknown);
    stranger.socket.write('nonsense\r\n\r\n');
    await stranger.closed;
  }
  await first.promise;
  expect(closed).toEqual([unknown]);
});

test('a circuit that is shut gets no upgrade', async () => {
  const limits = { accessDelayMs: 1, authenticationFailures: 1 };
  const { httpSocket } = await runningRelay(limits, { circuitLine: true });
  const upgrade =
    'GET /stream HTTP/1.1\r\nHost: a\r\nOrigin: http://a\r\nConnection: upgrade\r\n' +
    'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
  const open = new CircuitConnection(httpSocket, 7);
  open.socket.write(upgrade);
  const [answer] = (await once(open.socket, 'data')) as [Buffer];
  expect(answer.toString()).toMatch(/^HTTP\/1\.1 101 /);
  const guess = new CircuitConnection(httpSocket, 7);
  guess.ask('/join', {}, formatAuthorization({ ...CREDENTIALS, password: 'wrong' }));
  await guess.closed;
  const late = new CircuitConnection(httpSocket, 7);
  late.socket.write(upgrade);
  await late.closed;
  expect(late.socket.bytesRead).toBe(0);
});

test('a relay that cannot listen says where', async () => {
  const directory = `${await scratchDirectory()}/missing`;
  await expect(startRelay({ credentials: CREDENTIALS, directory })).rejects.toMatchObject({
    code: 'ERR_RELAY',
    message: expect.stringContaining(directory) as string,
  });
});

test('where tor tells no circuits, everybody is served and none is limited by them', async () => {
  const { httpSocket } = await runningRelay({ connectionsPerCircuit: 1 }, { circuitLine: true });
  for (let visitor = 0; visitor < 3; visitor++) {
    const connection = new CircuitConnection(httpSocket, 'unknown');
    expect(await connection.post('/join', { role: 'sender', nonce: nonce() })).toMatch(/^200/);
  }
});
