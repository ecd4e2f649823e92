import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import { fetchFrom, hashOf, sha256 } from '../support/carry.js';
import type { Ferry } from '../support/ferry.js';
import { findInMemory } from '../support/processes.js';
import { openStage, type Stage, test } from '../support/stage.js';

const NOTE = randomBytes(300_000);
const RELAY_PASSWORD = 'for friends: of mine';

describe.concurrent('somebody else’s relay', () => {
  let relayStage: Stage;
  let relay: Ferry;
  let onion: string;

  beforeAll(async () => {
    relayStage = await openStage();
    relay = await relayStage.start(['relay', '--json'], {
      env: { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD },
    });
    const online = await relay.told('online');
    expect(online).toEqual({
      event: 'online',
      onion: online.onion,
      url: `http://${online.onion}/`,
      user: expect.any(String) as string,
      password: RELAY_PASSWORD,
      invitation: `http://${online.onion}/`,
    });
    onion = online.onion;
  });
  afterAll(() => relayStage[Symbol.asyncDispose]());

  /** `send` over the relay. */
  async function send(stage: Stage, env: Record<string, string> = {}): Promise<Ferry> {
    const file = await stage.file('from/note', NOTE);
    return await stage.start(['send', '--json', '--relay', onion, file], {
      env: { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD, ...env },
    });
  }

  test('carries a file by an invitation, which brings the relay’s password', async ({ stage }) => {
    const sender = await send(stage);
    await fetchFrom(sender, stage);
    expect(await hashOf(stage.at('to/note'))).toBe(sha256(NOTE));
    const online = await sender.told('online');
    expect(online.onion).toBe(onion);
    expect(online.url).not.toContain('#');
  });

  test('carries a file by its address, the password and its own password', async ({ stage }) => {
    const sender = await send(stage);
    const { password } = await sender.told('online');
    const recipient = await stage.start(
      ['receive', '--json', '--relay', onion, '--out', stage.at('to')],
      { env: { ONIONFERRY_PASSWORD: password, ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD } },
    );
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await hashOf(stage.at('to/note'))).toBe(sha256(NOTE));
  });

  test('lets a recipient wait for its sender', async ({ stage }) => {
    const env = { ONIONFERRY_PASSWORD: `${randomWord()}-was-told-in-person` };
    const recipient = await stage.start(
      ['receive', '--json', '--relay', onion, '--out', stage.at('to')],
      { env: { ...env, ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD } },
    );
    await recipient.told('waiting');
    const sender = await send(stage, env);
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await hashOf(stage.at('to/note'))).toBe(sha256(NOTE));
  });

  test('turns away whoever has not its password, with exit status 3', async ({ stage }) => {
    const env = { ONIONFERRY_RELAY_PASSWORD: 'guessed' };
    const [sender, recipient] = await Promise.all([
      send(stage, env),
      stage.start(['receive', '--json', '--relay', onion], {
        env: { ...env, ONIONFERRY_PASSWORD: 'one-two-three-four-five' },
      }),
    ]);
    for (const refused of [sender, recipient]) {
      await refused.exits(3);
      expect(await refused.told('error')).toMatchObject({ code: 'ERR_PASSWORD' });
    }
  });

  test('never has the words of a transfer in its memory, though it has the door', async ({
    stage,
  }) => {
    const words = Array.from({ length: 5 }, randomWord);
    const sender = await send(stage, { ONIONFERRY_PASSWORD: words.join('-') });
    const door = words.slice(0, 2).join('-');
    await sender.told('online');
    // Whoever could not find this would find nothing.
    expect(await findInMemory(relay.pid, [door, RELAY_PASSWORD])).toEqual([door, RELAY_PASSWORD]);
    await fetchFrom(sender, stage);
    expect(await hashOf(stage.at('to/note'))).toBe(sha256(NOTE));
    expect(await findInMemory(relay.pid, words.slice(2))).toEqual([]);
  });
});

/** A word that no list has. */
function randomWord(): string {
  return randomBytes(8).toString('hex');
}
