import { readFile } from 'node:fs/promises';
import { describe, expect } from 'vitest';
import { fetchFrom } from '../support/carry.js';
import type { Ferry } from '../support/ferry.js';
import { leftBehind } from '../support/left-behind.js';
import { descendantsOf } from '../support/processes.js';
import { type Stage, test } from '../support/stage.js';

const RELAY = { ONIONFERRY_RELAY_PASSWORD: 'for friends of mine' };

describe.concurrent('an onion address', () => {
  test('of a relay stays when it is started again, after Ctrl-C and after a kill', async ({
    stage,
  }) => {
    const home = stage.home();
    const first = await stage.start(['relay', '--json'], { home, env: RELAY });
    const { onion } = await first.told('online');
    const children = await descendantsOf(first.pid);
    first.interrupt();
    await first.exits(130);
    expect(await leftBehind(home, children)).toEqual([]);

    const second = await stage.start(['relay', '--json'], { home, env: RELAY });
    expect((await second.told('online')).onion).toBe(onion);
    await carryOver(onion, 'second', stage);
    await second.kill();

    const third = await stage.start(['relay', '--json'], { home, env: RELAY });
    expect((await third.told('online')).onion).toBe(onion);
    await carryOver(onion, 'third', stage);
  });

  test('of a relay that was killed and comes back finds the senders that wait there', async ({
    stage,
  }) => {
    const home = stage.home();
    const killed = await stage.start(['relay', '--json'], { home, env: RELAY });
    const { onion } = await killed.told('online');
    const file = await stage.file('from/note', 'patient');
    const sender = await stage.start(['send', '--json', '--relay', onion, file], { env: RELAY });
    await sender.told('online');
    await killed.kill();
    const restarted = await stage.start(['relay', '--json'], { home, env: RELAY });
    await restarted.told('online');
    await fetchFrom(sender, stage);
    expect(await readFile(stage.at('to/note'), 'utf8')).toBe('patient');
  });

  test('can be for one time only', async ({ stage }) => {
    const home = stage.home();
    const file = await stage.file('from/note', 'x');
    const kept = await stage.start(['send', '--json', file], { home });
    const ephemeral = await stage.start(['send', '--json', '--ephemeral', file], { home });
    const addresses = await Promise.all(
      [kept, ephemeral].map(async (sender) => (await sender.told('online')).onion),
    );
    expect(new Set(addresses).size).toBe(2);
    expect(ephemeral.events.filter(({ event }) => event === 'warning')).toEqual([]);
    const shown = await stage.start(['key', 'show', '--json'], { home });
    await shown.exits(0);
    expect(shown.events).toMatchObject([{ event: 'key', onion: addresses[0] }]);
  });

  test('in use makes a second send warn, and continue with an address of its own', async ({
    stage,
  }) => {
    const home = stage.home();
    const first = await stage.start(['send', '--json', await stage.file('from/a', '1')], { home });
    await first.told('online');
    const second = await stage.start(['send', '--json', await stage.file('from/b', '2')], { home });
    expect((await second.told('warning')).message).toContain('in use by send');
    const [one, two] = await Promise.all([first.told('online'), second.told('online')]);
    expect(two.onion).not.toBe(one.onion);
    await Promise.all([fetchFrom(first, stage), fetchFrom(second, stage)]);
    expect(await readFile(stage.at('to/a'), 'utf8')).toBe('1');
    expect(await readFile(stage.at('to/b'), 'utf8')).toBe('2');
  });

  test('in use ends a second relay, which names the holder', async ({ stage }) => {
    const home = stage.home();
    const holder = await stage.start(['relay', '--json'], { home, env: RELAY });
    await holder.told('tor');
    const refused = await stage.start(['relay', '--json'], { home, env: RELAY });
    await refused.exits(1);
    const { code, message } = await refused.told('error');
    expect(code).toBe('ERR_IDENTITY_BUSY');
    expect(message).toContain('in use by relay');
  });
});

/** Sends over a relay, and receives. */
async function carryOver(onion: string, text: string, stage: Stage): Promise<void> {
  const args = ['send', '--json', '--relay', onion, await stage.file(`from/${text}`, text)];
  const sender: Ferry = await stage.start(args, { env: RELAY });
  await fetchFrom(sender, stage);
  expect(await readFile(stage.at('to', text), 'utf8')).toBe(text);
}
