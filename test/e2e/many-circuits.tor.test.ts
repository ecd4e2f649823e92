import { randomBytes } from 'node:crypto';
import { describe, expect } from 'vitest';
import { hashOf, sha256 } from '../support/carry.js';
import type { Ferry } from '../support/ferry.js';
import { type Stage, test } from '../support/stage.js';
import { tree } from '../support/tree.js';

/** Large enough that circuits dialled later still find something to carry, on a slow line. */
const CONTENT = randomBytes(4_000_000);
/** Slow enough for other circuits to be worth it, fast enough for each of them. */
const LINE = { bytesPerSecond: 400_000 };
const RELAY_PASSWORD = 'for friends: of mine';

describe.concurrent('over many circuits', () => {
  test('a large file comes by itself, and both sides tell how many', async ({ stage }) => {
    const { sender, recipient } = await carry(stage, CONTENT);
    for (const side of [sender, recipient]) expect(circuitsOf(side)).toBeGreaterThan(1);
  });

  test('a file comes over as many as are wanted', async ({ stage }) => {
    const { sender, recipient } = await carry(stage, CONTENT, ['--circuits', '6']);
    for (const side of [sender, recipient]) expect(circuitsOf(side)).toBe(6);
  });

  test('a file comes over one alone if that is wanted', async ({ stage }) => {
    const content = CONTENT.subarray(0, 1_500_000);
    const { sender, recipient } = await carry(stage, content, ['--circuits', '1']);
    for (const side of [sender, recipient]) expect(circuitsOf(side)).toBe(1);
  });

  test('two thousand small files come, each as it was', async ({ stage }) => {
    for (let number = 0; number < 2000; number++) {
      const at = number * 1000;
      const content = CONTENT.subarray(at, at + (number % 40) * 100);
      await stage.file(`from/tree/${number % 7}/${number}`, content);
    }
    const sender = await stage.start(['send', '--json', stage.at('from/tree')]);
    const { invitation } = await sender.told('online');
    const recipient = await receive(stage, invitation, ['--circuits', '4']);
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(circuitsOf(recipient)).toBe(4);
    expect(await tree(stage.at('to'))).toEqual(await tree(stage.at('from')));
  });

  test('standard input comes as it was, whose length nobody knew', async ({ stage }) => {
    const sender = await stage.start(['send', '--json', '-'], { input: CONTENT });
    const { invitation } = await sender.told('online');
    const recipient = await receive(stage, invitation, ['--circuits', '4']);
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(circuitsOf(recipient)).toBe(4);
    expect(await hashOf(stage.at('to/stdin'))).toBe(sha256(CONTENT));
  });

  test('standard output gets every byte in its turn', async ({ stage }) => {
    const sender = await stage.start(['send', '--json', await stage.file('from/file', CONTENT)]);
    const { invitation } = await sender.told('online');
    const recipient = await stage.start(['receive', '--stdout', '--circuits', '4'], {
      input: invitation,
      ...LINE,
    });
    expect(sha256((await recipient.exits(0)).stdout)).toBe(sha256(CONTENT));
    await sender.exits(0);
    expect(circuitsOf(sender)).toBe(4);
  });

  test('a file comes through somebody else’s relay', async ({ stage }) => {
    const env = { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD };
    const relay = await stage.start(['relay', '--json'], { env });
    const { onion } = await relay.told('online');
    const file = await stage.file('from/file', CONTENT);
    const sender = await stage.start(['send', '--json', '--relay', onion, file], { env });
    const { invitation } = await sender.told('online');
    const recipient = await receive(stage, invitation, ['--circuits', '4']);
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    for (const side of [sender, recipient]) expect(circuitsOf(side)).toBe(4);
    expect(await hashOf(stage.at('to/file'))).toBe(sha256(CONTENT));
  });
});

interface Carried {
  readonly sender: Ferry;
  readonly recipient: Ferry;
}

/** Carries one file from one to the other. */
async function carry(
  stage: Stage,
  content: Uint8Array,
  args: readonly string[] = [],
): Promise<Carried> {
  const sender = await stage.start(['send', '--json', await stage.file('from/file', content)]);
  const { invitation } = await sender.told('online');
  const recipient = await receive(stage, invitation, args);
  await Promise.all([recipient.exits(0), sender.exits(0)]);
  expect(await hashOf(stage.at('to/file'))).toBe(sha256(content));
  return { sender, recipient };
}

async function receive(stage: Stage, input: string, args: readonly string[]): Promise<Ferry> {
  const receive = ['receive', '--json', '--out', stage.at('to'), ...args];
  return await stage.start(receive, { input, ...LINE });
}

/** The most at once, as `progress` and `done` tell. */
function circuitsOf({ events }: Ferry): number {
  const told = events.flatMap((event) =>
    event.event === 'progress' || event.event === 'done' ? event.circuits : [],
  );
  return Math.max(...told);
}
