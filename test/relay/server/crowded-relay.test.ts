import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_RELAY_LIMITS } from '../../../src/relay/limits.js';
import { LocalEnd, SocketEnd } from '../../../src/relay/staple/stream-end.js';
import type { JoinReply } from '../../../src/relay-protocol/wire.js';
import { socketPair } from '../../support/socket-pair.js';
import { nonce } from '../support/running-relay.js';
import { Clockwork, pairUp } from './clockwork.js';

/** Opens as many channels through a circuit. @returns their senders */
function openThrough({ registry }: Clockwork, circuit: number, count: number): JoinReply[] {
  const caller = { socket: { destroyed: false }, circuit };
  return Array.from({ length: count }, () =>
    registry.join({ role: 'sender', nonce: nonce() }, caller),
  );
}

/** Whether a channel is still there */
async function lives({ registry }: Clockwork, { channel, uuid }: JoinReply): Promise<boolean> {
  const state = registry.request({ channel, uuid });
  return await state.then(
    () => true,
    () => false,
  );
}

test('when the relay is full, the circuit with most channels loses its oldest for a newcomer', async () => {
  const clockwork = new Clockwork({ channels: 6 });
  const [few, many] = [openThrough(clockwork, 1, 2), openThrough(clockwork, 2, 4)];
  const [newcomer] = openThrough(clockwork, 3, 1);
  const living = await Promise.all(
    [...few, ...many, newcomer!].map((one) => lives(clockwork, one)),
  );
  expect(living).toEqual([true, true, false, true, true, true, true]);
  // One more each way: no circuit has more than the newcomer would have.
  openThrough(clockwork, 4, 1);
  expect(() => openThrough(clockwork, 3, 1)).toThrow('relay-full');
});

test('a pair that carries bytes is not removed for a newcomer, nor what it can reconnect in', async () => {
  const clockwork = new Clockwork({ channels: 3 });
  const { registry } = clockwork;
  const [sender, other] = openThrough(clockwork, 1, 2) as [JoinReply, JoinReply];
  const { own, recipient } = await pairUp(registry, sender);
  const { channel } = sender;
  const near = new Promise<Duplex>((resolve) => {
    registry.openStream({ channel, uuid: own, stream: 0 }, new LocalEnd(resolve, () => undefined));
  });
  const [relays, far] = await socketPair();
  onTestFinished(() => void far.destroy());
  const end = new SocketEnd(relays, relays, 1_000);
  registry.openStream({ channel, uuid: recipient, stream: 0 }, end);
  (await near).write('bytes');
  await once(far, 'data');
  clockwork.pass(1_000);
  expect(() => openThrough(clockwork, 2, 1)).toThrow('relay-full');
  // Without bytes for a minute it is one of three.
  clockwork.pass(60_000);
  openThrough(clockwork, 2, 1);
  expect(await lives(clockwork, { ...sender, uuid: own })).toBe(false);
  expect(await lives(clockwork, other)).toBe(true);
});

test('the channel of a sender without a connection ends soon, and can be opened again', () => {
  const clockwork = new Clockwork();
  const socket = { destroyed: false };
  const request = { role: 'sender', nonce: nonce(), channel: 'a-b' } as const;
  const opened = clockwork.registry.join(request, { socket, circuit: 1 });
  socket.destroyed = true;
  clockwork.pass(1);
  clockwork.pass(DEFAULT_RELAY_LIMITS.senderGoneMs - 1);
  expect(clockwork.registry.join(request, { socket, circuit: 1 }).uuid).toBe(opened.uuid);
  clockwork.pass(1);
  clockwork.pass(DEFAULT_RELAY_LIMITS.senderGoneMs);
  expect(clockwork.registry.isGuess({ channel: 'a-b' })).toBe(true);
  expect(clockwork.registry.join(request, { socket, circuit: 1 }).uuid).not.toBe(opened.uuid);
});

test('the channel of a sender that asks no more ends after two minutes', () => {
  const clockwork = new Clockwork();
  clockwork.open('a-b');
  clockwork.pass(119_999);
  expect(clockwork.registry.isGuess({ channel: 'a-b' })).toBe(false);
  clockwork.pass(1);
  expect(clockwork.registry.isGuess({ channel: 'a-b' })).toBe(true);
});

test('only names that can be guessed are guesses', () => {
  const clockwork = new Clockwork();
  const { uuid } = clockwork.open('a-b');
  const other = clockwork.open('c-d').uuid;
  expect(clockwork.registry.isGuess({ channel: 'a-b' })).toBe(false);
  expect(clockwork.registry.isGuess({ channel: 'a-b', uuid })).toBe(false);
  expect(clockwork.registry.isGuess({ channel: 'a-b', uuid: other })).toBe(true);
  expect(clockwork.registry.isGuess({ channel: 'e-f' })).toBe(true);
  expect(clockwork.registry.isGuess({ channel: '0'.repeat(32) })).toBe(false);
});
