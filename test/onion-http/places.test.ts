import { once } from 'node:events';
import { createConnection, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { type Holder, Places } from '../../src/onion-http/places.js';
import { scratchDirectory } from '../relay/support/running-relay.js';

const LIMITS = { connections: 8, unauthenticated: 6, newcomers: 2, keptPerCircuit: 3 };
/** What passed connections may hold with these. */
const PASSED = 6;

let now = 0;
let places: Places;
let accept: () => Promise<Socket>;

beforeEach(async () => {
  now = 0;
  places = new Places(LIMITS, () => now);
  const path = join(await scratchDirectory(), 'socket');
  const server = createServer().listen(path);
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  accept = async () => {
    const client = createConnection(path);
    client.on('error', () => undefined);
    onTestFinished(() => void client.destroy());
    const [socket] = (await once(server, 'connection')) as [Socket];
    return socket;
  };
});

async function enter(): Promise<Socket> {
  const socket = await accept();
  places.enter(socket);
  return socket;
}

async function passed(holder: Holder, isIdle = false): Promise<Socket> {
  const socket = await enter();
  places.pass(socket, holder);
  if (isIdle) places.rest(socket);
  return socket;
}

async function several(count: number, make: () => Promise<Socket>): Promise<Socket[]> {
  const made: Socket[] = [];
  while (made.length < count) made.push(await make());
  return made;
}

const gone = (sockets: readonly Socket[]): boolean[] =>
  sockets.map(({ destroyed, writableEnded }) => destroyed || writableEnded);

test.each([
  ['busy', false, 5],
  ['idle', true, 0],
])('a newcomer takes a %s place of the circuit that holds most', async (_, isIdle, which) => {
  const limits = { ...LIMITS, keptPerCircuit: 10 };
  places = new Places(limits, () => now);
  const greedy = await several(PASSED, () => passed(1, isIdle));
  const newcomer = await passed(2);
  // A busy one that has just come has least to lose; of idle ones the longest idle goes.
  expect(gone(greedy)).toEqual(greedy.map((_, index) => index === which));
  expect(newcomer.destroyed).toBe(false);
});

test('an idle place of a crowded circuit is taken before a busy one', async () => {
  const [first] = await several(2, () => passed(1));
  const idle = await passed(1, true);
  await several(PASSED - 3, () => passed(1));
  await passed(2);
  expect(gone([idle, first!])).toEqual([true, false]);
});

test('circuits with few connections lose none, whatever a crowded one does', async () => {
  const honest = [await passed(1), await passed(2, true)];
  await several(20, () => passed(3));
  expect(gone(honest)).toEqual([false, false]);
  expect((await passed(3)).destroyed).toBe(true);
});

test('where all hold one, one that has been busy for a minute makes room', async () => {
  const settled = await several(PASSED, () => passed(Math.random()));
  now = 59_000;
  expect((await passed('too soon')).destroyed).toBe(true);
  now = 60_000;
  expect((await passed('a newcomer')).destroyed).toBe(false);
  expect(gone(settled).filter(Boolean)).toHaveLength(1);
});

test('a circuit keeps only some connections between requests', async () => {
  const kept = await several(4, () => passed(1, true));
  expect(gone(kept)).toEqual([true, false, false, false]);
  places.occupy(kept[1]!);
  await passed(1, true);
  expect(gone(kept)).toEqual([true, false, false, false]);
});

test('without the password nobody takes the place of somebody who has it', async () => {
  const inside = await several(PASSED, () => passed(Math.random(), true));
  now = 120_000;
  const outside = await several(20, enter);
  expect(gone(inside)).not.toContain(true);
  expect(gone(outside).filter((isGone) => !isGone)).toHaveLength(LIMITS.newcomers);
});

test('while there is room, more of those wait who have not shown a password', async () => {
  const outside = await several(LIMITS.unauthenticated + 1, enter);
  expect(gone(outside)).toEqual(outside.map((_, index) => index === 0));
});
