import { randomBytes } from 'node:crypto';
import { expect, inject } from 'vitest';
import { Python } from '../interop/python.js';
import { runningStore } from '../relay/support/running-store.js';
import { hashOf, sha256 } from '../support/carry.js';
import type { Ferry } from '../support/ferry.js';
import { Onionbalance } from '../support/onionbalance.js';
import { SLOW_LINE, type Stage, test } from '../support/stage.js';

const NOTE = randomBytes(2_000_000);
const RELAY_PASSWORD = 'for all machines: of this relay';
const env = { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD };

async function backend(stage: Stage, store: string, front: string): Promise<Ferry> {
  return await stage.start(['relay', '--json', '--store', store, '--front', front], { env });
}

interface Sending {
  readonly sender: Ferry;
  readonly invitation: string;
}

/** Over the front; the invitation names nothing else. */
async function sending(
  stage: Stage,
  front: string,
  options: Parameters<Stage['start']>[1],
): Promise<Sending> {
  const note = await stage.file('note', NOTE);
  const sender = await stage.start(['send', '--json', '--relay', front, note], {
    ...options,
    env,
  });
  const { invitation, onion } = await sender.told('online');
  expect(onion).toBe(front);
  return { sender, invitation };
}

async function transfer(stage: Stage, front: string, out: string): Promise<[Ferry, Ferry]> {
  const { sender, invitation } = await sending(stage, front, SLOW_LINE);
  const recipient = await stage.start(['receive', '--json', '--yes', '--out', stage.at(out)], {
    input: `${invitation}\n`,
  });
  return [sender, recipient];
}

test('two relays behind one address carry transfers, and one goes on when the other is killed', async ({
  stage,
  onTestFailed,
}) => {
  const store = await runningStore();
  await using balance = await Onionbalance.create(stage.path);
  onTestFailed(() => console.error(balance.story));
  const { front } = balance;
  const relays = [await backend(stage, store.path, front), await backend(stage, store.path, front)];
  const online = await Promise.all(relays.map((relay) => relay.told('online')));
  expect(online.map(({ onion }) => onion)).toEqual([front, front]);
  const own = online.map(({ backend: address }) => address ?? '');
  expect(new Set([front, ...own]).size).toBe(3);
  await balance.start(own);
  // One that was written from the document follows to whichever has the channel.
  const toPython = await sending(stage, front, { isBare: true });
  const socks = `127.0.0.1:${inject('socksPort')}`;
  await using python = new Python(
    ['onionferry', 'receive', '--socks', socks, '--out', stage.at('python')],
    { input: `${toPython.invitation}\n` },
  );
  await Promise.all([python.exits(0), toPython.sender.exits(0)]);
  expect(await hashOf(stage.at('python/note'))).toBe(sha256(NOTE));
  const sides = await transfer(stage, front, 'to');
  const [, recipient] = sides;
  await recipient.told('progress', ({ bytes }) => bytes > 0);
  const paired = relays.map((relay) => relay.told('relay', ({ pairs }) => pairs > 0));
  const busy = await Promise.race(paired.map((told, n) => told.then(() => n)));
  for (const told of paired) told.catch(() => undefined);
  process.kill(relays[busy]!.pid, 'SIGKILL');
  await Promise.all(sides.map((side) => side.exits(0, 240_000)));
  expect(await hashOf(stage.at('to/note'))).toBe(sha256(NOTE));
  expect(recipient.events.some(({ event }) => event === 'resuming' || event === 'waiting')).toBe(
    true,
  );
});
