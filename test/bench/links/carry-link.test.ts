import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts } from '../../../src/private-network/start.js';
import { carryLinks } from './carry-link.js';

const HOST = '127.0.0.1';
const DELAY_MS = 15;

/** The port of a link in front of a server that does `serve` with each connection. */
async function linkTo(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, serve).listen(0, HOST);
  await once(server, 'listening');
  // A listening TCP server has one.
  const { port: to } = server.address() as AddressInfo;
  const [from = 0] = await freePorts(HOST, 1);
  const carried = await carryLinks([
    { nickname: 'r0', address: HOST, from, to, delayMs: DELAY_MS },
  ]);
  onTestFinished(async () => {
    await carried[Symbol.asyncDispose]();
    server.close();
  });
  return from;
}

async function hashOf(socket: Socket): Promise<string> {
  const hash = createHash('sha256');
  // A socket without encoding gives Buffers.
  for await (const chunk of socket) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

test('every byte comes back in order, with the end behind it, one delay each way', async () => {
  const port = await linkTo((socket) => void socket.pipe(socket));
  const content = randomBytes(3_000_000);
  const socket = connect({ port, host: HOST, allowHalfOpen: true });
  const start = performance.now();
  socket.end(content);
  expect(await hashOf(socket)).toBe(createHash('sha256').update(content).digest('hex'));
  // The greeting there and back, then the content there and back.
  expect(performance.now() - start).toBeGreaterThanOrEqual(4 * DELAY_MS);
});

test('a connection that breaks on one side ends on the other', async () => {
  const port = await linkTo((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.resetAndDestroy());
  });
  const socket = connect({ port, host: HOST });
  socket.on('error', () => undefined);
  socket.write('hello');
  await once(socket.resume(), 'close');
});

test('a link to nobody closes the connection', async () => {
  const [from = 0, to = 0] = await freePorts(HOST, 2);
  const carried = await carryLinks([
    { nickname: 'r0', address: HOST, from, to, delayMs: DELAY_MS },
  ]);
  onTestFinished(() => carried[Symbol.asyncDispose]());
  const socket = connect({ port: from, host: HOST });
  socket.on('error', () => undefined);
  await once(socket.resume(), 'close');
});
