import { randomBytes } from 'node:crypto';
import { describe, expect, vi } from 'vitest';
import { fetchFrom, hashOf, sha256 } from '../support/carry.js';
import type { Ferry } from '../support/ferry.js';
import { findInMemory } from '../support/processes.js';
import { test as base, openStage, type Stage } from '../support/stage.js';

const NOTE = randomBytes(300_000);
const RELAY_PASSWORD = 'for friends: of mine';
const WHILE_MOVING = { timeout: 180_000, interval: 500 };

interface Relay {
  readonly pid: number;
  readonly onion: string;
}

const test = base.extend<{ relay: Relay }>({
  relay: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      const relay = await stage.start(['relay', '--json'], {
        env: { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD },
      });
      const { onion } = await relay.told('online');
      expect(await relay.told('online')).toEqual({
        event: 'online',
        onion,
        url: `http://${onion}/`,
        user: expect.any(String) as string,
        password: RELAY_PASSWORD,
        invitation: `http://${onion}/`,
      });
      await use({ pid: relay.pid, onion });
    },
    { scope: 'file' },
  ],
});

describe.concurrent('somebody else’s relay', () => {
  test('carries a file by an invitation, which brings the relay’s password', async ({
    stage,
    relay,
  }) => {
    const sender = await send(stage, relay);
    await fetchFrom(sender, stage);
    expect(await hashOf(stage.at('to/note'))).toBe(sha256(NOTE));
    const online = await sender.told('online');
    expect(online.onion).toBe(relay.onion);
    expect(online.url).not.toContain('#');
  });

  test('carries a file by its address, the password and its own password', async ({
    stage,
    relay,
  }) => {
    const sender = await send(stage, relay);
    const { password } = await sender.told('online');
    const recipient = await stage.start(
      ['receive', '--json', '--relay', relay.onion, '--out', stage.at('to')],
      { env: { ONIONFERRY_PASSWORD: password, ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD } },
    );
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await hashOf(stage.at('to/note'))).toBe(sha256(NOTE));
  });

  test('lets a recipient wait for its sender', async ({ stage, relay }) => {
    const env = { ONIONFERRY_PASSWORD: `${randomWord()}-was-told-in-person` };
    const recipient = await stage.start(
      ['receive', '--json', '--relay', relay.onion, '--out', stage.at('to')],
      { env: { ...env, ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD } },
    );
    await recipient.told('waiting');
    const sender = await send(stage, relay, env);
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await hashOf(stage.at('to/note'))).toBe(sha256(NOTE));
  });

  test('turns away clients without its password, with exit status 3', async ({ stage, relay }) => {
    const env = { ONIONFERRY_RELAY_PASSWORD: 'guessed' };
    const [sender, recipient] = await Promise.all([
      send(stage, relay, env),
      stage.start(['receive', '--json', '--relay', relay.onion], {
        env: { ...env, ONIONFERRY_PASSWORD: 'one-two-three-four-five' },
      }),
    ]);
    for (const refused of [sender, recipient]) {
      await refused.exits(3);
      expect(await refused.told('error')).toMatchObject({ code: 'ERR_PASSWORD' });
    }
  });

  test('never has the words of a transfer in its memory, though it has the access words', async ({
    stage,
    relay,
  }) => {
    const words = Array.from({ length: 5 }, randomWord);
    const sender = await send(stage, relay, { ONIONFERRY_PASSWORD: words.join('-') });
    const access = words.slice(0, 2).join('-');
    await sender.told('online');
    // A search that misses this would find nothing. What the collector moves meanwhile can be
    // missed by one look.
    const there = new Set<string>();
    await vi.waitFor(async () => {
      for (const text of await findInMemory(relay.pid, [access, RELAY_PASSWORD])) there.add(text);
      expect([...there].sort()).toEqual([access, RELAY_PASSWORD].sort());
    }, WHILE_MOVING);
    await fetchFrom(sender, stage);
    expect(await hashOf(stage.at('to/note'))).toBe(sha256(NOTE));
    expect(await findInMemory(relay.pid, words.slice(2))).toEqual([]);
  });
});

/** A word that no list has. */
function randomWord(): string {
  return randomBytes(8).toString('hex');
}

/** `send` over the relay. */
async function send(
  stage: Stage,
  { onion }: Relay,
  env: Record<string, string> = {},
): Promise<Ferry> {
  const file = await stage.file('from/note', NOTE);
  return await stage.start(['send', '--json', '--relay', onion, file], {
    env: { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD, ...env },
  });
}
