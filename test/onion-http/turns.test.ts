import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { circuitOf } from '../../src/onion-http/circuits.js';
import { OnionHttpServer } from '../../src/onion-http/onion-http-server.js';
import { RequestTurns } from '../../src/onion-http/turns.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** The loop has gone round once more. */
const turn = (): Promise<void> => new Promise(setImmediate);

describe('turns', () => {
  test('are taken one after the other, not by who has brought most', async () => {
    const turns = new RequestTurns();
    const done: string[] = [];
    for (let n = 0; n < 5; n++) {
      turns.take(1, () => done.push(`first ${n}`));
      turns.take(2, () => done.push(`second ${n}`));
    }
    turns.take(3, () => done.push('third'));
    while (done.length < 11) await turn();
    expect(done.slice(0, 4)).toEqual(['first 0', 'second 0', 'first 1', 'third']);
    expect(done.slice(4, 6)).toEqual(['second 1', 'first 2']);
    expect(done.at(-1)).toBe('second 4');
  });

  test('are one for each turn of the loop', async () => {
    const turns = new RequestTurns();
    let done = 0;
    for (let n = 0; n < 4; n++) turns.take(n, () => done++);
    for (let expected = 1; expected <= 4; expected++) {
      expect(done).toBe(expected);
      await turn();
    }
    turns.take(1, () => done++);
    expect(done).toBe(5);
  });

  test('are put off while connections come, but not for ever', async () => {
    const turns = new RequestTurns();
    let done = 0;
    for (let holder = 0; holder < 3; holder++) turns.take(holder, () => done++);
    for (const before of [1, 2]) {
      for (let arrivals = 0; arrivals < 16; arrivals++) {
        turns.arrived();
        await turn();
        expect(done).toBe(before);
      }
      turns.arrived();
      await turn();
      expect(done).toBe(before + 1);
    }
  });

  test('go on after one that fails', async () => {
    const turns = new RequestTurns();
    const done: number[] = [];
    const fail = (): void => {
      throw new Error('a defect');
    };
    expect(() => turns.take(1, fail)).toThrow('a defect');
    turns.take(2, () => done.push(2));
    while (done.length === 0) await turn();
  });
});

const REQUEST = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';

async function listening(begun: (socket: Socket) => unknown): Promise<OnionHttpServer> {
  const server = new OnionHttpServer({
    credentials: { user: 'a', password: 'b' },
    directory: await temporaryDirectory(),
    answer: (access) => (request, response) => {
      access.passed(request);
      begun(request.socket);
      response.shouldKeepAlive = true;
      response.end();
    },
    limits: { keptPerCircuit: 256 },
  });
  onTestFinished(() => server.close());
  await server.listen();
  return server;
}

async function visitor(path: string, circuit: number): Promise<Socket> {
  const socket = createConnection(path);
  onTestFinished(() => void socket.destroy());
  socket.write(`PROXY TCP6 fc00:dead:beef:4dad::0:${circuit} ::1 65535 80\r\n${REQUEST}`);
  await once(socket, 'data');
  return socket;
}

test('of requests that come together one is begun in each turn of the loop', async () => {
  let inThisTurn = 0;
  let most = 0;
  let begun = 0;
  const server = await listening(() => {
    begun++;
    most = Math.max(most, ++inThisTurn);
    setImmediate(() => {
      inThisTurn = 0;
    });
  });
  const visitors: Socket[] = [];
  for (let n = 0; n < 20; n++) visitors.push(await visitor(server.httpSocket, n));
  for (const socket of visitors) socket.write(REQUEST);
  while (begun < 40) await turn();
  expect(most).toBe(1);
});

test('a circuit with one request does not wait for all those of another', async () => {
  const crowd = 40;
  const order: (number | undefined)[] = [];
  const server = await listening((socket) => order.push(circuitOf({ socket })));
  const visitors: Socket[] = [];
  for (let n = 0; n < crowd; n++) visitors.push(await visitor(server.httpSocket, 1));
  visitors.push(await visitor(server.httpSocket, 2));
  const before = order.length;
  for (const socket of visitors) socket.write(REQUEST);
  while (order.length < before + visitors.length) await turn();
  expect(order.slice(before).indexOf(2)).toBeLessThan(crowd / 2);
});

test('connections that have come are taken before the next request is begun', async () => {
  const coming = 10;
  const seen: number[] = [];
  let taken = 0;
  const server = await listening(() => seen.push(taken));
  server.http.on('connection', () => taken++);
  const visitors: Socket[] = [];
  for (let n = 0; n < 3; n++) visitors.push(await visitor(server.httpSocket, n));
  const before = seen.length;
  for (let n = 0; n < coming; n++) {
    const socket = createConnection(server.httpSocket);
    onTestFinished(() => void socket.destroy());
  }
  for (const socket of visitors) socket.write(REQUEST);
  while (seen.length < before + visitors.length) await turn();
  // The first may have been begun in the turn in which all came.
  expect(seen.at(-2)).toBe(visitors.length + coming);
});

test('hundreds of connections that come in one turn all find room until they are taken', async () => {
  const server = await listening(() => undefined);
  const refused: unknown[] = [];
  const coming = Array.from({ length: 600 }, () => {
    const socket = createConnection(server.httpSocket);
    onTestFinished(() => void socket.destroy());
    socket.on('error', (error) => refused.push(Reflect.get(error, 'code')));
    return new Promise((resolve) => socket.once('connect', resolve).once('close', resolve));
  });
  await Promise.all(coming);
  expect(refused.filter((code) => code === 'EAGAIN')).toEqual([]);
});
