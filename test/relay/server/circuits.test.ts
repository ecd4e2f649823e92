import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type RelayServer, startRelay } from '../../../src/relay/server/start-relay.js';
import { answeredPair, type Pair } from '../support/confirmed-pair.js';
import {
  AUTHORIZATION,
  DOOR,
  nonce,
  runningRelay,
  scratchDirectory,
} from '../support/running-relay.js';

/** A kept-alive connection through a circuit of tor's. */
class CircuitConnection {
  readonly socket: Socket;
  #text = '';

  constructor(path: string, circuit: number) {
    const [high, low] = [circuit >>> 16, circuit & 0xffff].map((half) => half.toString(16));
    this.socket = createConnection(path);
    this.socket.write(
      `PROXY TCP6 fc00:dead:beef:4dad::${high}:${low} ::1 ${circuit & 0xffff} 80\r\n`,
    );
    this.socket.on('data', (piece: Buffer) => {
      this.#text += piece.toString();
    });
    onTestFinished(() => {
      this.socket.destroy();
    });
  }

  /** @returns status and body, cut out of the plain bytes */
  async post(path: string, body: object): Promise<string> {
    const json = JSON.stringify(body);
    this.#text = '';
    this.socket.write(
      `POST ${path} HTTP/1.1\r\nHost: a\r\nAuthorization: ${AUTHORIZATION}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${json.length}\r\n\r\n${json}`,
    );
    while (!this.#text.endsWith('}')) await once(this.socket, 'data');
    return `${this.#text.slice(9, 12)} ${this.#text.slice(this.#text.indexOf('{'))}`;
  }

  say(hello: object): void {
    this.socket.write(`${JSON.stringify(hello)}\n`);
  }

  async close(): Promise<void> {
    this.socket.end();
    await once(this.socket, 'close');
  }
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
  await senderStream.hello({ channel: pair.channel, uuid: pair.sender, stream: 0 }).answered;
  const sixth = new CircuitConnection(streamSocket, 6);
  sixth.say({ ...hello, stream: 1 });
  const [answer] = (await once(sixth.socket, 'data')) as [Buffer];
  expect(answer.toString()).toBe('{"error":{"code":"too-many"}}\n');
});

test('a circuit that has as many connections as it may is given no other, on neither port', async () => {
  const { httpSocket, streamSocket } = await runningRelay(
    { connectionsPerCircuit: 3 },
    { circuitLine: true },
  );
  const join = (): object => ({ role: 'sender', nonce: nonce() });
  const first = new CircuitConnection(httpSocket, 7);
  const second = new CircuitConnection(httpSocket, 7);
  for (const one of [first, second]) expect(await one.post('/join', join())).toMatch(/^200/);
  const stream = new CircuitConnection(streamSocket, 7);
  stream.say({});
  stream.socket.pause();
  for (const path of [httpSocket, streamSocket]) {
    const fourth = new CircuitConnection(path, 7);
    await once(fourth.socket, 'close');
    expect(fourth.socket.bytesRead).toBe(0);
  }
  const another = new CircuitConnection(httpSocket, 8);
  expect(await another.post('/join', join())).toMatch(/^200/);
  await second.close();
  const next = new CircuitConnection(httpSocket, 7);
  expect(await next.post('/join', join())).toMatch(/^200/);
});

test('one circuit that takes every place it can get leaves places to others', async () => {
  const { httpSocket, local } = await runningRelay({ recipients: 3 }, { circuitLine: true });
  await local.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
  const join = (): object => ({ role: 'recipient', nonce: nonce(), channel: 'a-b' });
  const greedy = new CircuitConnection(httpSocket, 7);
  for (let i = 0; i < 6; i++) expect(await greedy.post('/join', join())).toMatch(/^200/);
  const honest = new CircuitConnection(httpSocket, 9);
  expect(await honest.post('/join', join())).toMatch(/^200/);
});

test('a relay that cannot listen says where', async () => {
  const directory = `${await scratchDirectory()}/missing`;
  await expect(startRelay({ door: DOOR, directory })).rejects.toMatchObject({
    code: 'ERR_RELAY',
    message: expect.stringContaining(directory) as string,
  });
});
