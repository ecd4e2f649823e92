import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OnionAddress } from '../../../src/onion/address.js';
import { createIdentity } from '../../../src/onion/identity.js';
import { dialOnion } from '../../../src/tor/dial/dial-onion.js';
import { dialWithRetries } from '../../../src/tor/dial/dial-with-retries.js';
import { ask, startEcho, startPair, type TorPair } from '../support/echo-service.js';

let pair: TorPair;

beforeAll(async () => {
  pair = await startPair();
});

afterAll(() => pair[Symbol.asyncDispose]());

function dial(onion: OnionAddress, isolation: string, port = 80): Promise<Socket> {
  return dialOnion({ socks: pair.client.socks, onion, port, isolation });
}

describe('dialling through tor', () => {
  test('reports what is wrong with an address, a port or the program behind it', async () => {
    await using echo = await startEcho(pair.home, 'hello');
    const publication = await pair.service.publish({
      identity: createIdentity(),
      ports: [...echo.ports, { virtual: 82, target: { unix: join(pair.home, 'nobody') } }],
    });
    const { onion } = publication;
    expect(await ask(pair.client, onion, 'a')).toBe('hello');
    const nobody = createIdentity().address;
    await expect(dial(nobody, 'a')).rejects.toMatchObject({
      code: 'ERR_ONION_NOT_FOUND',
      reply: 0xf0,
    });
    await expect(dial(onion, 'a', 82)).rejects.toMatchObject({
      code: 'ERR_ONION_UNREACHABLE',
      reply: 1,
    });
    await expect(dial(onion, 'a', 83)).rejects.toMatchObject({
      code: 'ERR_ONION_UNREACHABLE',
      reply: 5,
    });
    // No parser lets an address with a wrong checksum through, so the type is forced.
    const mistyped = `${'a'.repeat(56)}.onion` as OnionAddress;
    await expect(dial(mistyped, 'a')).rejects.toMatchObject({
      code: 'ERR_ONION_ADDRESS',
      reply: 0xf6,
    });
    await publication.close();
  });

  test('carries the first bytes with the dial', async () => {
    const came: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        came.push(chunk.toString());
        socket.end('heard');
      });
    });
    const path = join(pair.home, 'first');
    await once(server.listen(path), 'listening');
    const publication = await pair.service.publish({
      identity: createIdentity(),
      ports: [{ virtual: 80, target: { unix: path } }],
    });
    const { onion } = publication;
    const first = Buffer.from('first');
    const socket = await dialWithRetries({
      ...{ socks: pair.client.socks, onion, port: 80, isolation: 'first', first },
      overallMs: 60_000,
    });
    // Nothing is written to it.
    expect(await text(socket)).toBe('heard');
    // Behind the line that tor writes itself.
    expect(came.join('')).toMatch(/^PROXY .*\r\nfirst$/);
    server.close();
    await publication.close();
  });

  test('reaches only onions', async () => {
    const elsewhere = 'example.org' as OnionAddress;
    await expect(dial(elsewhere, 'a')).rejects.toMatchObject({ code: 'ERR_TOR_SOCKS' });
  });

  test('waits for a service that is being published', async () => {
    await using echo = await startEcho(pair.home, 'hello');
    const identity = createIdentity();
    let retries = 0;
    const dialling = dialWithRetries({
      socks: pair.client.socks,
      onion: identity.address,
      port: 80,
      isolation: 'patient',
      overallMs: 90_000,
      newCircuits: () => pair.client.newCircuits(),
      onRetry: () => retries++,
    });
    const answer = dialling.then(async (socket) => String((await once(socket, 'data'))[0]));
    await expect.poll(() => retries).toBeGreaterThan(0);
    const publication = await pair.service.publish({ identity, ports: echo.ports });
    expect(await answer).toBe('hello');
    (await dialling).destroy();
    await publication.close();
  });
});
