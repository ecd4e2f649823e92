import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { type RelayHost, reachRelay } from '../../src/api/relay-host.js';
import { settle } from '../../src/api/settings.js';
import { createIdentity } from '../../src/onion/identity.js';
import type { RelayClient } from '../../src/relay-protocol/relay-client.js';
import type { Tor } from '../../src/tor/instance/tor.js';
import { type SocksServer, socksReply, startSocksServer } from '../tor/support/socks-server.js';

const onion = createIdentity().address;
const refusal = '{"error":{"code":"no-such-channel"}}';
const answer = `HTTP/1.1 404 Not Found\r\nContent-Length: ${refusal.length}\r\n\r\n${refusal}`;

/** A relay that is reached through a tor of which only the SOCKS port is there. */
function reach({ socks }: SocksServer): { place: RelayHost; done: string[] } {
  const done: string[] = [];
  const does = (what: string) => (): Promise<never> => {
    done.push(what);
    return Promise.resolve() as Promise<never>; // each caller ignores what comes of it
  };
  const tor: Tor = {
    version: '0',
    socks,
    died: new Promise(() => undefined),
    ready: () => Promise.resolve(),
    publish: does('publish'),
    newCircuits: does('newCircuits'),
    closeCircuit: does('closeCircuit'),
    wake: does('wake'),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const place = reachRelay({
    ...{ tor, onion, password: 'door', settings: settle([]) },
    emit: () => undefined,
  });
  return { place, done };
}

async function join(access: RelayClient): Promise<void> {
  const hello = { role: 'recipient', channel: 'x', nonce: 'A'.repeat(22) } as const;
  await expect(access.join(hello)).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
}

describe('a relay that is reached through tor', () => {
  test('is reached over one circuit, and over another one from then on that all is lost', async () => {
    await using server = await startSocksServer((socket) => {
      socket.write(socksReply(0));
      socket.on('data', () => socket.write(answer));
    });
    const { place } = reach(server);
    await using access = place.access;
    await join(access);
    await join(access);
    expect(server.asked).toHaveLength(1);
    place.afresh();
    await join(access);
    (await access.dialStream({ isolation: '0' })).destroy();
    const [before, http, stream] = server.asked.map((asked) => asked.split('@')[0]);
    expect(http).not.toBe(before);
    expect(stream).toBe(http);
  });

  test('is looked up anew once for all who dial it at the same time', async () => {
    const replies = [0xf2, 0xf2, 0xf7, 0xf7];
    await using server = await startSocksServer((socket: Socket) =>
      socket.write(socksReply(replies.shift() ?? 0)),
    );
    const { place, done } = reach(server);
    await using access = place.access;
    const dials = ['1', '2'].map((isolation) => access.dialStream({ isolation }));
    for (const stream of await Promise.all(dials)) stream.destroy();
    expect(done).toEqual(['newCircuits']);
  });

  test.each([
    [0xf0, []],
    [0xf2, []],
    [0xf7, ['wake']],
  ])('has its tor woken unless the network answers: %i', async (reply, woken) => {
    const replies = [reply];
    await using server = await startSocksServer((socket: Socket) =>
      socket.write(socksReply(replies.shift() ?? 0)),
    );
    const { place, done } = reach(server);
    await using access = place.access;
    (await access.dialStream()).destroy();
    await place.wake();
    expect(done.filter((what) => what === 'wake')).toEqual(woken);
  });
});
