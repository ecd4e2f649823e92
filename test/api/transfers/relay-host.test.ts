import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { applyOptions } from '../../../src/api/settings.js';
import { type RelayHost, reachRelay } from '../../../src/api/transfers/relay-host.js';
import { createIdentity } from '../../../src/onion/identity.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { Tor } from '../../../src/tor/instance/tor.js';
import { type SocksServer, socksReply, startSocksServer } from '../../tor/support/socks-server.js';

const onion = createIdentity().address;
const refusal = '{"error":{"code":"no-such-channel"}}';
const answer = `HTTP/1.1 404 Not Found\r\nContent-Length: ${refusal.length}\r\n\r\n${refusal}`;

/** A relay reached through a tor that has only a SOCKS port. */
function reach({ socks }: SocksServer): { relay: RelayHost; done: string[] } {
  const done: string[] = [];
  const does = (what: string) => (): Promise<never> => {
    done.push(what);
    return Promise.resolve() as Promise<never>; // each caller ignores the result
  };
  const tor: Tor = {
    version: '0',
    socks,
    died: new Promise(() => undefined),
    ready: () => Promise.resolve(),
    publish: does('publish'),
    publishEphemeral: does('publishEphemeral'),
    presentKey: does('presentKey'),
    newCircuits: does('newCircuits'),
    closeCircuit: does('closeCircuit'),
    wake: does('wake'),
    close: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const relay = reachRelay({
    ...{ tor, onion, clientKey: undefined, password: 'secret', settings: applyOptions([]) },
    emit: () => undefined,
  });
  return { relay, done };
}

async function join(client: RelayClient): Promise<void> {
  const hello = { role: 'recipient', channel: 'x', nonce: 'A'.repeat(22) } as const;
  await expect(client.join(hello)).rejects.toMatchObject({ code: 'ERR_CHANNEL_MISSING' });
}

describe('a relay that is reached through tor', () => {
  test('is reached over one circuit, and over another one after all connections are lost', async () => {
    await using server = await startSocksServer((socket) => {
      socket.write(socksReply(0));
      socket.on('data', () => socket.write(answer));
    });
    const { relay } = reach(server);
    await using client = relay.client;
    await join(client);
    await join(client);
    expect(server.asked).toHaveLength(1);
    relay.renewCircuits();
    await join(client);
    (await client.dialStream({ isolation: '0' })).destroy();
    const [before, http, stream] = server.asked.map((asked) => asked.split('@')[0]);
    expect(http).not.toBe(before);
    expect(stream).toBe(http);
  });

  test('is dialled over other circuits once a dial got no answer, which tor may wait for longer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    let isDead = true;
    await using server = await startSocksServer((socket: Socket) => {
      if (!isDead) socket.write(socksReply(0));
    });
    const { relay } = reach(server);
    await using client = relay.client;
    const dials = ['1', '2'].map((isolation) => client.dialStream({ isolation }));
    while (server.asked.length < 2) await new Promise(setImmediate);
    isDead = false;
    await vi.advanceTimersByTimeAsync(20_000);
    for (const stream of await Promise.all(dials)) stream.destroy();
    const sessions = server.asked.map((asked) => asked.replace(/-\d@.*/, ''));
    expect(sessions[0]).toBe(sessions[1]);
    expect(sessions[2]).toBe(sessions[3]);
    expect(sessions[2]).not.toBe(sessions[0]);
  });

  test('is looked up again once, however many dial it at the same time', async () => {
    const replies = [0xf2, 0xf2, 0xf7, 0xf7];
    await using server = await startSocksServer((socket: Socket) =>
      socket.write(socksReply(replies.shift() ?? 0)),
    );
    const { relay, done } = reach(server);
    await using client = relay.client;
    const dials = ['1', '2'].map((isolation) => client.dialStream({ isolation }));
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
    const { relay, done } = reach(server);
    await using client = relay.client;
    (await client.dialStream()).destroy();
    await relay.wake();
    expect(done.filter((what) => what === 'wake')).toEqual(woken);
  });
});
