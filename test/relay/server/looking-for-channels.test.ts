import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createIdentity } from '../../../src/onion/identity.js';
import type { Directory } from '../../../src/relay/directory/directory.js';
import type { RelayServer } from '../../../src/relay/server/start-relay.js';
import { Refusal } from '../../../src/relay-protocol/refusal.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { ParticipantId } from '../../../src/relay-protocol/wire.js';
import { farAccess, keptAlive, nonce, runningRelay } from '../support/running-relay.js';

async function relayWithOneChannel(): Promise<RelayServer> {
  const limits = { accessDelayMs: 1, authenticationFailures: 3 };
  const relay = await runningRelay(limits, { circuitLine: true });
  await relay.local.join({ role: 'sender', nonce: nonce(), channel: 'a-b' });
  return relay;
}

/** The relay through one circuit, as tor would say. */
function through(relay: RelayServer, circuit: number): RelayClient {
  const agent = keptAlive(relay.httpSocket);
  agent.createConnection = () => {
    const socket = connect(relay.httpSocket);
    socket.write(`PROXY TCP6 fc00:dead:beef:4dad::0:${circuit.toString(16)} ::1 7 80\r\n`);
    return socket;
  };
  return farAccess(relay, { agent, retryDelaysMs: [] });
}

const join = async (client: RelayClient, channel: string): Promise<unknown> =>
  await client.join({ role: 'recipient', nonce: nonce(), channel });

const missing = { code: 'ERR_CHANNEL_MISSING' };

test('who looks for names of channels gets no answer in the end, as with wrong passwords', async () => {
  const relay = await relayWithOneChannel();
  const looking = through(relay, 7);
  for (const name of ['c-d', 'e-f', 'g-h']) {
    await expect(join(looking, name)).rejects.toMatchObject(missing);
  }
  await expect(join(looking, 'i-j')).rejects.toMatchObject({ code: 'ERR_RELAY' });
  await expect(join(through(relay, 7), 'a-b')).rejects.toMatchObject({ code: 'ERR_RELAY' });
  await join(through(relay, 8), 'a-b');
});

test.each([
  ['too-many', 'counted like others', 'ERR_RELAY'],
  // Nobody can tell whether those were guesses.
  ['no-directory', 'not counted', 'ERR_RELAY_BUSY'],
] as const)('who looks for a name that the directory answers with %s is held back, and %s', async (code, _, fourth) => {
  const directory: Directory = {
    isCertain: true,
    claim: () => Promise.resolve(undefined),
    find: () => Promise.reject(new Refusal(code)),
    release: () => undefined,
    leave: () => Promise.resolve(false),
    handOver: () => Promise.resolve(undefined),
    whenLost: () => undefined,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const limits = { accessDelayMs: 1, authenticationFailures: 3 };
  const backend = { onion: createIdentity().address, directory };
  const relay = await runningRelay(limits, { circuitLine: true, backend });
  const looking = through(relay, 7);
  for (const name of ['c-d', 'e-f', 'g-h']) {
    await expect(join(looking, name)).rejects.toMatchObject({ code: 'ERR_RELAY_BUSY' });
  }
  await expect(join(looking, 'i-j')).rejects.toMatchObject({ code: fourth });
});

test('made-up participants count as well, in a channel that is there and in one that is not', async () => {
  const relay = await relayWithOneChannel();
  const looking = through(relay, 7);
  for (const channel of ['a-b', 'c-d', 'a-b']) {
    // As good as any that the relay gives.
    const uuid = randomUUID() as ParticipantId;
    await expect(looking.channel({ channel, uuid })).rejects.toThrow();
  }
  await expect(join(through(relay, 7), 'a-b')).rejects.toMatchObject({ code: 'ERR_RELAY' });
});

test('who leaves what has ended, and who reconnects, may do so as often as need be', async () => {
  const relay = await relayWithOneChannel();
  const honest = through(relay, 7);
  for (let n = 0; n < 5; n++) {
    const uuid = randomUUID() as ParticipantId; // as above
    for (const channel of ['a-b', 'c-d']) {
      await expect(honest.channel({ channel, uuid, close: true })).rejects.toMatchObject({
        code: 'ERR_ATTEMPT_ENDED',
      });
    }
    await expect(join(honest, '0123456789abcdef'.repeat(2))).rejects.toMatchObject(missing);
  }
  await join(honest, 'a-b');
});
