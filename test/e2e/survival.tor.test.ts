import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { hashOf, sha256 } from '../support/carry.js';
import { type HalfwayOptions, halfway, type TwoSides } from '../support/halfway.js';
import { descendantsOf, untilEnded } from '../support/processes.js';
import { SLOW_LINE, type Stage, test } from '../support/stage.js';
import { closeCircuits } from '../support/tor-control.js';

const CONTENT = randomBytes(2_000_000);
/** The other side notices after thirty seconds; so does the one that stood still. */
const STILL_MS = 40_000;
const SIDES = ['sender', 'recipient'] as const;

// Several at a time, so that the longest come first.
describe.concurrent('a transfer resumes by itself', () => {
  test.for(SIDES)('when the %s’s machine was asleep', async (side, { stage }) => {
    const sides = await begin(stage);
    const { pid } = sides[side];
    // Its tor is of the same process group.
    process.kill(-pid, 'SIGSTOP');
    await sleep(STILL_MS);
    process.kill(-pid, 'SIGCONT');
    await sides[side === 'sender' ? 'recipient' : 'sender'].told('waiting');
    await arrives(sides);
  });

  test('when the sender’s process alone stood still', async ({ stage }) => {
    const sides = await begin(stage);
    process.kill(sides.sender.pid, 'SIGSTOP');
    await sleep(STILL_MS);
    process.kill(sides.sender.pid, 'SIGCONT');
    await arrives(sides);
  });

  test.for(SIDES)('when the %s’s tor was killed, and says what it waits for', async (side, {
    stage,
  }) => {
    const sides = await begin(stage);
    const tors = await descendantsOf(sides[side].pid);
    for (const { pid } of tors) process.kill(pid, 'SIGKILL');
    await untilEnded(tors);
    await sides[side].told('waiting', ({ reason }) => reason.includes('tor has ended'));
    await arrives(sides);
  });

  test.for([
    ['sender', 'HS_SERVICE_REND'],
    ['recipient', 'HS_CLIENT_REND'],
  ] as const)('when all circuits of the %s break', async ([side, purpose], { stage }) => {
    const sides = await begin(stage);
    const home = side === 'sender' ? sides.senderHome : sides.recipientHome;
    expect(await closeCircuits(home, purpose)).toBeGreaterThan(0);
    await arrives(sides);
  });

  test('when its only circuit breaks again and again', async ({ stage }) => {
    const sides = await begin(stage, { receiving: ['--circuits', '1'] });
    for (const bytes of [400_000, 800_000, 1_200_000]) {
      await sides.carried(bytes);
      expect(await closeCircuits(sides.senderHome, 'HS_SERVICE_REND')).toBeGreaterThan(0);
    }
    await arrives(sides);
    const meetings = sides.recipient.events.filter(({ event }) => event === 'peer');
    expect(meetings.length).toBeGreaterThan(3);
  });
});

/** Two sides in the middle of one file. */
async function begin(stage: Stage, options: HalfwayOptions = {}): Promise<TwoSides> {
  const path = await stage.file('from/file', CONTENT);
  return await halfway(stage, { recipient: SLOW_LINE, ...options, path });
}

async function arrives(sides: TwoSides): Promise<void> {
  await sides.arrive();
  expect(await hashOf(sides.received)).toBe(sha256(CONTENT));
  expect(await sides.kept()).toEqual([]);
  const { bytes } = await sides.recipient.told('done');
  expect(bytes).toBe(CONTENT.length);
}
