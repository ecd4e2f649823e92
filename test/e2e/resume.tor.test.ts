import { randomBytes } from 'node:crypto';
import { mkdir, open, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect } from 'vitest';
import { hashOf, sha256 } from '../support/carry.js';
import type { Ferry } from '../support/ferry.js';
import { type HalfwayOptions, halfway, type TwoSides } from '../support/halfway.js';
import { leftBehind, namesBelow } from '../support/left-behind.js';
import { descendantsOf } from '../support/processes.js';
import { randomMoments } from '../support/random-moments.js';
import { startOnClosing } from '../support/run-program.js';
import { test as base, dataOf, openStage, type Stage } from '../support/stage.js';
import { tree } from '../support/tree.js';

const CONTENT = randomBytes(4_000_000);
/** The rest takes long enough for any of the following to happen before it has come. */
const SOME_BYTES = 1_000_000;
/** Slow enough for that, and fast enough for a last word to arrive behind what is on its way. */
const LINE = { bytesPerSecond: 300_000 };
const SLOWLY: HalfwayOptions = {
  receiving: ['--circuits', '1'],
  recipient: LINE,
  bytes: SOME_BYTES,
};
const RELAY_PASSWORD = 'for friends: of mine';
/** How often a transfer is interrupted; more takes minutes. */
const TIMES = Number(process.env['INTERRUPTIONS'] ?? 6);

const test = base.extend<{ relay: string }>({
  relay: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      const relay = await stage.start(['relay', '--json'], {
        env: { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD },
      });
      await use((await relay.told('online')).onion);
    },
    { scope: 'file' },
  ],
});

// Several at a time, so that the longest come first.
describe.concurrent('a transfer', () => {
  test('arrives whole however often its processes are killed, terminated or hung up, at any moment', {
    timeout: TIMES * 100_000,
  }, async ({ stage }) => {
    const { seed, moments } = randomMoments(TIMES);
    const ends: string[] = [];
    try {
      const content = randomBytes(TIMES * 800_000);
      const sides = await begin(stage, { ...SLOWLY, bytes: 1 }, content);
      for (const { afterMs, isEarly, isSender, ending } of moments) {
        const side = isSender ? 'sender' : 'recipient';
        // Soon after a start both are only about to meet; otherwise content is on its way.
        if (!isEarly) await untilCarried(sides.recipient);
        await sleep(afterMs);
        ends.push(`${side} by ${ending} ${isEarly ? 'early' : 'halfway'} after ${afterMs} ms`);
        const { status, signal } = await sides[side].endBy(ending);
        // At first it is still node that hears it.
        if (signal !== ending) expect(status).toBe(5);
        await (side === 'sender' ? sides.resumeSend() : sides.receiveAgain());
      }
      await arrives(sides, content);
      expect((await sides.recipient.told('resuming')).bytes).toBeGreaterThan(0);
    } catch (cause) {
      throw new Error(`with the seed ${seed}, ended: ${ends.join(', ')}`, { cause });
    }
  });
});

describe.concurrent('a side that is suspended in the middle', () => {
  test.for([
    ['recipient', 'SIGTERM'],
    ['recipient', 'SIGHUP'],
    ['sender', 'SIGTERM'],
    ['sender', 'SIGHUP'],
  ] as const)('tells the other, keeps what it has and goes on when it is started again (%s, %s)', async ([
    side,
    signal,
  ], { stage }) => {
    const sides = await begin(stage);
    const [ended, other] = [sides[side], sides[side === 'sender' ? 'recipient' : 'sender']];
    const home = side === 'sender' ? sides.senderHome : sides.recipientHome;
    const children = await descendantsOf(ended.pid);
    expect((await ended.endBy(signal)).status).toBe(5);
    expect(await ended.told('error')).toMatchObject({ code: 'ERR_SUSPENDED' });
    expect(await leftBehind(home, children)).toEqual([]);
    const reason = `the ${side} was interrupted and may come back`;
    await other.told('waiting', (event) => event.reason === reason);
    expect(await namesBelow(await sides.partFolder())).toEqual(['file']);
    await (side === 'sender' ? sides.resumeSend() : sides.receiveAgain());
    await arrives(sides);
    if (side === 'recipient') await expectToResume(sides);
  });

  test('is given up for good with Ctrl-C once it goes on', async ({ stage }) => {
    const sides = await begin(stage);
    await sides.recipient.endBy('SIGTERM');
    const again = await sides.receiveAgain();
    await again.told('progress');
    again.interrupt();
    await again.exits(130);
    await sides.sender.exits(5);
    expect(await namesBelow(stage.at('to'))).toEqual([]);
    expect(await sides.kept()).toEqual([]);
  });
});

// By itself: what it starts lives as long as the one test that is running.
test('a recipient goes on after its terminal was closed under it', async ({ stage }) => {
  const file = await stage.file('from/file', CONTENT);
  // Like the recipient, which is started from a shell.
  const sender = await stage.start(['send', '--json', file], { isBare: true });
  const { invitation } = await sender.told('online');
  const [home, out] = [stage.home(), stage.at('to')];
  const recipient = startOnClosing(['receive', '--circuits', '1', '--out', out], {
    env: {
      ...(await stage.environment(home, LINE.bytesPerSecond)),
      ONIONFERRY_PASSWORD: invitation,
    },
  });
  await recipient.saw(/receive into .* \[Y\/n\]/);
  recipient.child.stdin?.write('y\n');
  await sender.told('progress', ({ bytes }) => bytes >= SOME_BYTES);
  expect(await recipient.close()).toBe(5);
  await sender.told('waiting', ({ reason }) => /was interrupted/.test(reason));
  const again = await stage.start(['receive', '--json', '--out', out], { home });
  expect((await again.told('resuming')).bytes).toBeGreaterThan(SOME_BYTES / 2);
  await Promise.all([again.exits(0), sender.exits(0)]);
  expect(await hashOf(join(out, 'file'))).toBe(sha256(CONTENT));
});

describe.concurrent('over somebody else’s relay', () => {
  test.for(['sender', 'recipient'] as const)('a %s that was killed resumes', async (side, {
    stage,
    relay,
  }) => {
    const sides = await begin(stage, {
      ...SLOWLY,
      sending: ['--relay', relay],
      sender: { env: { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD } },
    });
    await sides[side].kill();
    await (side === 'sender' ? sides.resumeSend() : sides.receiveAgain());
    await arrives(sides);
    expect(await sides[side].told('resuming')).toMatchObject({ onion: relay });
  });
});

describe.concurrent('a recipient that was killed', () => {
  test('resumes where it was without the words, and the sender serves it', async ({ stage }) => {
    const sides = await begin(stage);
    await sides.recipient.kill();
    await sides.receiveAgain();
    await arrives(sides);
    await expectToResume(sides);
  });

  test('resumes over many circuits when it is given the same invitation again', async ({
    stage,
  }) => {
    // Each circuit loses the chunk of which it carries a part.
    const sides = await begin(stage, { recipient: LINE, bytes: 2 * SOME_BYTES });
    await sides.recipient.kill();
    await sides.receiveAgain(sides.invitation);
    await arrives(sides);
    await expectToResume(sides);
  });

  test('resumes a tree of many files like a single file', async ({ stage }) => {
    for (let folder = 0; folder < 10; folder++) {
      await stage.file(`from/tree/${folder}/large`, part(folder));
      await stage.file(`from/tree/${folder}/small`, `${folder}`);
      await stage.file(`from/tree/${folder}/empty`, '');
      await utimes(stage.at(`from/tree/${folder}`), 1_000_000_000, 1_000_000_000 + folder);
    }
    const sides = await halfway(stage, { ...SLOWLY, path: stage.at('from/tree') });
    await sides.recipient.kill();
    expect(await namesBelow(stage.at('to/tree'))).toEqual([]);
    await sides.receiveAgain();
    await sides.arrive();
    expect(await tree(stage.at('to'))).toEqual(await tree(stage.at('from')));
    expect(await sides.kept()).toEqual([]);
    await expectToResume(sides);
  });

  test('believes nothing that was changed meanwhile', async ({ stage }) => {
    const sides = await begin(stage);
    await sides.recipient.kill();
    await flipByte(join(await sides.partFolder(), 'file'), 100_000);
    await sides.receiveAgain();
    await arrives(sides);
    expect((await sides.recipient.told('resuming')).bytes).toBeGreaterThan(0);
  });

  test('resumes in one process only, if two are started', async ({ stage }) => {
    const sides = await begin(stage);
    await sides.recipient.kill();
    const both = [await sides.receiveAgain(), await sides.receiveAgain()];
    const statuses = await Promise.all(both.map(async (ferry) => (await ferry.ends()).status));
    expect(statuses.sort()).toEqual([0, 2]);
    await sides.sender.exits(0);
    expect(await hashOf(sides.received)).toBe(sha256(CONTENT));
    expect(await namesBelow(stage.at('to'))).toEqual(['file']);
    expect(await sides.kept()).toEqual([]);
  });
});

describe.concurrent('a sender that was killed', () => {
  test('resumes at the same address, and the recipient has waited for it', async ({ stage }) => {
    const sides = await begin(stage);
    await sides.sender.kill();
    await sides.recipient.told('waiting');
    const again = await sides.resumeSend();
    expect(await again.told('resuming')).toEqual({
      event: 'resuming',
      onion: sides.onion,
      bytes: null,
      total: CONTENT.length,
    });
    await arrives(sides);
    expect(sides.recipient.events.filter(({ event }) => event === 'offer')).toHaveLength(1);
  });

  test('resumes with a recipient that was killed as well', async ({ stage }) => {
    const sides = await begin(stage);
    await Promise.all([sides.sender.kill(), sides.recipient.kill()]);
    await Promise.all([sides.resumeSend(), sides.receiveAgain()]);
    await arrives(sides);
    await expectToResume(sides);
  });

  test('says that a file has changed meanwhile, and nothing of it arrives', async ({ stage }) => {
    const sides = await begin(stage);
    await sides.sender.kill();
    await flipByte(stage.at('from/file'), CONTENT.length - 1);
    await sides.resumeSend();
    for (const side of [sides.sender, sides.recipient]) {
      await side.exits(1);
      expect(await side.told('error')).toMatchObject({ code: 'ERR_SOURCE_CHANGED' });
    }
    expect(await namesBelow(stage.at('to'))).toEqual([]);
    expect(await sides.kept()).toEqual([]);
  });

  test('leaves no record if its own disk takes none, which is told, and sends all the same', async ({
    stage,
  }) => {
    const home = stage.home();
    // Where the folder of records would be.
    const taken = join(dataOf(home), 'transfers');
    await mkdir(dataOf(home), { recursive: true, mode: 0o700 });
    await writeFile(taken, '');
    const path = await stage.file('from/file', CONTENT.subarray(0, 100_000));
    const sides = await halfway(stage, { path, sender: { home } });
    await sides.arrive();
    const { message } = await sides.sender.told('warning');
    expect(message).toContain(`cannot use ${dataOf(home)}`);
    expect(message).toMatch(/cannot be resumed$/);
  });

  test('is the only one that can be resumed', async ({ stage }) => {
    const home = stage.home();
    const nothing = await stage.start(['send', '--json', '--resume'], { home });
    await nothing.exits(2);
    expect(nothing.events).toEqual([
      {
        event: 'error',
        code: 'ERR_USAGE',
        message: expect.stringMatching(/^[^A-Z].*[^.]$/) as string,
      },
    ]);
    const said = await stage.start(['send', '--resume'], { home });
    expect((await said.exits(2)).stdout.toString()).toBe('');
    expect(said.stderr).toMatch(/^onionferry: error: [^\n]*[^.\n]\n(onionferry: hint: .*\n)?$/);
  });
});

/** Two sides in the middle of one file. */
async function begin(
  stage: Stage,
  options: HalfwayOptions = SLOWLY,
  content: Uint8Array = CONTENT,
): Promise<TwoSides> {
  return await halfway(stage, { ...options, path: await stage.file('from/file', content) });
}

async function arrives(sides: TwoSides, content: Uint8Array = CONTENT): Promise<void> {
  await sides.arrive();
  expect(await hashOf(sides.received)).toBe(sha256(content));
  expect(await sides.kept()).toEqual([]);
}

/** A tenth of CONTENT. */
function part(number: number): Uint8Array {
  const bytes = CONTENT.length / 10;
  return CONTENT.subarray(number * bytes, (number + 1) * bytes);
}

/** The recipient that was started last began with what the one before had, and fetched the rest. */
async function expectToResume({ recipient, onion }: TwoSides): Promise<void> {
  const { bytes, ...resuming } = await recipient.told('resuming');
  expect(resuming).toMatchObject({ onion });
  // What came in the last moments may not have been noted.
  expect(bytes).toBeGreaterThan(SOME_BYTES / 2);
  const progress = recipient.events.filter((told) => told.event === 'progress');
  expect(Math.min(...progress.map((told) => told.bytes))).toBeGreaterThanOrEqual(bytes ?? Infinity);
  const { bytes: whole } = await recipient.told('done');
  expect(progress.at(-1)?.bytes).toBe(whole);
  expect(recipient.events).not.toContainEqual(expect.objectContaining({ event: 'offer' }));
}

/** Resolves when something more has come. */
async function untilCarried(recipient: Ferry): Promise<void> {
  const told = (): number[] =>
    recipient.events.flatMap((event) => (event.event === 'progress' ? event.bytes : []));
  const first = told().at(-1) ?? (await recipient.told('progress')).bytes;
  await recipient.told('progress', ({ bytes }) => bytes > first);
}

async function flipByte(path: string, position: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    const byte = Buffer.alloc(1);
    await file.read(byte, 0, 1, position);
    // Nothing is shown by changing what has not come yet.
    expect(byte[0]).toBe(CONTENT[position]);
    await file.write(Buffer.of(byte[0]! ^ 1), 0, 1, position);
  } finally {
    await file.close();
  }
}
