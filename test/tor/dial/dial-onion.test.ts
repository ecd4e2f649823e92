import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { createIdentity } from '../../../src/onion/identity.js';
import { type DialOptions, dialOnion } from '../../../src/tor/dial/dial-onion.js';
import { dialWithRetries } from '../../../src/tor/dial/dial-with-retries.js';
import { type SocksServer, socksReply, startSocksServer } from '../support/socks-server.js';

const { address: onion } = createIdentity();

function to({ socks }: SocksServer): DialOptions {
  return { socks, onion, port: 81, isolation: 'a' };
}

describe('dialling an onion', () => {
  test.each([
    [0x01, 'ERR_ONION_UNREACHABLE', /program behind it/],
    [0x02, 'ERR_TOR_SOCKS', /SocksPolicy/],
    [0x03, 'ERR_ONION_UNREACHABLE', /internet/],
    [0x04, 'ERR_ONION_UNREACHABLE', /other side/],
    [0x05, 'ERR_ONION_UNREACHABLE', /nothing on this port/],
    [0x06, 'ERR_TIMEOUT', /too long/],
    [0xf0, 'ERR_ONION_NOT_FOUND', /no such onion service/],
    [0xf1, 'ERR_ONION_UNREACHABLE', /cannot be read/],
    [0xf2, 'ERR_ONION_UNREACHABLE', /no longer answers/],
    [0xf3, 'ERR_ONION_UNREACHABLE', /rendezvous point/],
    [0xf4, 'ERR_ONION_CLIENT_AUTH', /clients with a key/],
    [0xf5, 'ERR_ONION_CLIENT_AUTH', /does not accept this key/],
    [0xf6, 'ERR_ONION_ADDRESS', /invalid/],
    [0xf7, 'ERR_ONION_UNREACHABLE', /introduction points/],
    [0xab, 'ERR_TOR_SOCKS', /unknown code AB/],
  ])('reports the reply %i as its own error', async (reply, code, message) => {
    await using server = await startSocksServer((socket) => socket.end(socksReply(reply)));
    await expect(dialOnion(to(server))).rejects.toMatchObject({
      code,
      reply,
      message: expect.stringMatching(message) as string,
    });
  });

  test('reports the reply even if it comes byte by byte', async () => {
    await using server = await startSocksServer((socket) => {
      void (async () => {
        for (const byte of socksReply(0xf0)) {
          socket.write(Buffer.of(byte));
          await new Promise((resolve) => setTimeout(resolve, 2));
        }
      })();
    });
    await expect(dialOnion(to(server))).rejects.toMatchObject({ code: 'ERR_ONION_NOT_FOUND' });
  });

  test('asks for the onion and port, with the isolation value as the user', async () => {
    await using server = await startSocksServer((socket) => socket.write(socksReply(0)));
    (await dialOnion(to(server))).destroy();
    expect(server.asked).toEqual([`a@${onion}:81`]);
  });

  test('loses nothing that comes with the reply, or before anybody reads', async () => {
    await using server = await startSocksServer((socket) => {
      socket.write(Buffer.concat([socksReply(0), Buffer.from('one ')]));
      setTimeout(() => socket.write('two '), 10);
      setTimeout(() => socket.end('three'), 50);
    });
    const socket = await dialOnion(to(server));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await text(socket)).toBe('one two three');
  });

  test('loses nothing of a service that sends and closes at once', async () => {
    await using server = await startSocksServer((socket) =>
      socket.end(Buffer.concat([socksReply(0), Buffer.from('all')])),
    );
    const socket = await dialOnion(to(server));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await text(socket)).toBe('all');
  });

  test('flows as soon as somebody listens, like any new socket', async () => {
    await using server = await startSocksServer((socket) => socket.write(socksReply(0)));
    const socket = await dialOnion(to(server));
    expect(socket.readableFlowing).toBe(null);
    const heard = once(socket, 'data');
    for (const peer of server.sockets) peer.write('hello');
    expect(String((await heard)[0])).toBe('hello');
    socket.destroy();
  });

  test('gives up at its deadline, and closes its socket', async () => {
    await using server = await startSocksServer(() => undefined);
    await expect(dialOnion({ ...to(server), deadlineMs: 50 })).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
    });
    await expect.poll(() => server.sockets.size).toBe(0);
  });

  test('can be aborted at any time, and closes its socket', async () => {
    await using server = await startSocksServer(() => undefined);
    const abort = new AbortController();
    const dial = dialOnion({ ...to(server), signal: abort.signal });
    await expect.poll(() => server.asked.length).toBe(1);
    abort.abort(new Error('enough'));
    await expect(dial).rejects.toThrow('enough');
    await expect.poll(() => server.sockets.size).toBe(0);
    await expect(dialOnion({ ...to(server), signal: abort.signal })).rejects.toThrow('enough');
  });

  test('is not ended by an abort once it is connected', async () => {
    await using server = await startSocksServer((socket) => socket.write(socksReply(0)));
    const abort = new AbortController();
    const socket = await dialOnion({ ...to(server), signal: abort.signal });
    abort.abort(new Error('enough'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(socket.destroyed).toBe(false);
    socket.destroy();
  });

  test('reports that the SOCKS port is missing, silent or not a SOCKS port', async () => {
    const socks = { kind: 'unix', path: '/nonexistent/socks' } as const;
    await expect(dialOnion({ socks, onion, port: 80, isolation: 'a' })).rejects.toMatchObject({
      code: 'ERR_TOR_SOCKS',
      message: expect.stringContaining('unix:/nonexistent/socks') as string,
    });
    await using closing = await startSocksServer((socket) => socket.destroy());
    await expect(dialOnion(to(closing))).rejects.toMatchObject({ code: 'ERR_TOR_SOCKS' });
    await using babbling = await startSocksServer((socket) => socket.write('HTTP/1.1 400 Bad\r\n'));
    await expect(dialOnion(to(babbling))).rejects.toMatchObject({ code: 'ERR_TOR_SOCKS' });
  });

  test.each([
    '',
    '<torS0X>0',
    'x'.repeat(256),
  ])('accepts no isolation value like %.10j', async (isolation) => {
    await using server = await startSocksServer(() => undefined);
    await expect(dialOnion({ ...to(server), isolation })).rejects.toMatchObject({
      code: 'ERR_INTERNAL',
    });
    expect(server.asked).toEqual([]);
  });
});

describe('dialling with retries', () => {
  test('retries while the service is not online yet', async () => {
    const replies = [0xf0, 0xf2, 0xf7, 0];
    await using server = await startSocksServer((socket) =>
      socket.write(socksReply(replies.shift() ?? 0)),
    );
    const told: string[] = [];
    let renewed = 0;
    const socket = await dialWithRetries({
      ...to(server),
      overallMs: 60_000,
      newCircuits: () => {
        renewed++;
        return Promise.resolve();
      },
      onRetry: ({ code }, pause) => told.push(`${code} ${pause}`),
    });
    socket.destroy();
    expect(told).toEqual([
      'ERR_ONION_NOT_FOUND 500',
      'ERR_ONION_UNREACHABLE 1000',
      'ERR_ONION_UNREACHABLE 2000',
    ]);
    expect(renewed).toBe(1); // tor takes one in ten seconds
  });

  test.each([
    0x01, 0x05, 0xf4, 0xf6,
  ])('gives up at once if waiting does not help: %i', async (reply) => {
    await using server = await startSocksServer((socket) => socket.end(socksReply(reply)));
    await expect(dialWithRetries({ ...to(server), overallMs: 60_000 })).rejects.toMatchObject({
      reply,
    });
    expect(server.asked).toHaveLength(1);
  });

  test('waits for a tor that is restarted, but not for something else on its port', async () => {
    const hangUp = (socket: Socket): void => void socket.destroy();
    const answers = [hangUp, (socket: Socket): void => void socket.write(socksReply(0))];
    await using server = await startSocksServer((socket) => (answers.shift() ?? hangUp)(socket));
    let asked = 0;
    const dial = {
      ...to(server),
      overallMs: 60_000,
      ready: (): Promise<void> => {
        asked++;
        return Promise.resolve();
      },
    };
    (await dialWithRetries(dial)).destroy();
    expect(asked).toBe(2);
    await expect(dialWithRetries(dial)).rejects.toMatchObject({ code: 'ERR_TOR_SOCKS' });
    expect(server.asked).toHaveLength(7);
    const given = new Error('given up');
    const ready = (): Promise<void> => Promise.reject(given);
    await expect(dialWithRetries({ ...dial, ready })).rejects.toBe(given);
    expect(server.asked).toHaveLength(7);
  });

  test('ends with the last reason when time is up', async () => {
    await using server = await startSocksServer((socket) => socket.end(socksReply(0xf0)));
    await expect(dialWithRetries({ ...to(server), overallMs: 700 })).rejects.toMatchObject({
      code: 'ERR_ONION_NOT_FOUND',
    });
  });

  test('can be aborted while it pauses', async () => {
    await using server = await startSocksServer((socket) => socket.end(socksReply(0xf0)));
    const abort = new AbortController();
    const onRetry = (): void => abort.abort(new Error('enough'));
    const dial = dialWithRetries({
      ...to(server),
      overallMs: 60_000,
      signal: abort.signal,
      onRetry,
    });
    await expect(dial).rejects.toThrow('enough');
  });
});
