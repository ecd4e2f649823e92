import { randomBytes } from 'node:crypto';
import { describe, expect, inject } from 'vitest';
import { hashOf, sha256 } from '../support/carry.js';
import { halfway, type TwoSides } from '../support/halfway.js';
import { test } from '../support/stage.js';
import { startTor } from '../support/start-tor.js';
import { portsOf, withControl } from '../tor/support/running-tor.js';

const CONTENT = 'for the two of us';
const LARGE = randomBytes(2_000_000);
/** The rest takes long enough for a side to end before it has come. */
const SLOWLY = {
  receiving: ['--circuits', '1'],
  recipient: { bytesPerSecond: 300_000 },
  bytes: 500_000,
};

/** Everything that a tor is told from outside: its configuration, and the keys that it shows. */
const settingsOf = (tor: Parameters<typeof withControl>[0]): Promise<string[]> =>
  withControl(tor, async (control) => [
    await control.getInfo('config-text'),
    ...(await control.send('ONION_CLIENT_AUTH_VIEW')),
  ]);

describe('a private address', () => {
  test('is reached by the key in the invitation, and without it by nobody', async ({ stage }) => {
    await using running = await startTor({ dataDir: stage.at('running'), torrc: inject('torrc') });
    const { control, socks } = portsOf(running);
    const attached = ['--control', control, '--socks', socks];
    const before = await settingsOf(running);
    const file = await stage.file('from/note', CONTENT);
    const sender = await stage.start(['send', '--json', '--private', '--ephemeral', file]);
    const { invitation, clientKey } = await sender.told('online');
    expect(invitation).toMatch(new RegExp(`;key=${String(clientKey)}$`));

    const keyless = await stage.start(['receive', '--json', ...attached], {
      input: invitation.replace(/;key=.*$/, ''),
    });
    await keyless.exits(3);
    expect(await keyless.told('error')).toMatchObject({
      code: 'ERR_ONION_CLIENT_AUTH',
      message: expect.stringContaining('admits only clients with a key') as string,
    });
    const wrong = await stage.start(['receive', '--json', ...attached], {
      input: invitation.replace(/;key=.*$/, `;key=${'a'.repeat(51)}q`),
    });
    await wrong.exits(3);
    expect(await wrong.told('error')).toMatchObject({
      code: 'ERR_ONION_CLIENT_AUTH',
      message: expect.stringContaining('does not accept this key') as string,
    });
    expect(await settingsOf(running)).toEqual(before);

    const recipient = await stage.start(
      ['receive', '--json', ...attached, '--out', stage.at('to')],
      { input: invitation },
    );
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await hashOf(stage.at('to/note'))).toBe(sha256(Buffer.from(CONTENT)));
    expect(await settingsOf(running)).toEqual(before);
  });

  test('of an identity is reached by its clients, until one is removed', async ({ stage }) => {
    const home = stage.home();
    const key = async (...args: string[]): Promise<void> => {
      const ran = await stage.start(['key', ...args], { home });
      await ran.exits(0);
    };
    await key('new');
    const [alice, bob] = [stage.at('alice.key'), stage.at('bob.key')];
    await key('client', 'add', 'alice', '--out', alice);
    await key('client', 'add', 'bob', '--out', bob);
    const file = await stage.file('from/note', CONTENT);
    const sharing = async (): ReturnType<typeof stage.start> =>
      await stage.start(['share', '--json', file], { home });
    const fetch = async (from: string, keyFile: string, out: string): Promise<void> => {
      const recipient = await stage.start(
        ['receive', '--json', '--client-key', keyFile, '--out', stage.at(out)],
        { input: from },
      );
      await recipient.exits(0);
      expect(await hashOf(stage.at(out, 'note'))).toBe(sha256(Buffer.from(CONTENT)));
    };
    const first = await sharing();
    const { invitation, clients } = await first.told('online');
    expect(clients).toBe(2);
    await fetch(invitation, alice, 'a');
    await first.endBy('SIGTERM');

    await key('client', 'remove', 'alice');
    const second = await sharing();
    const again = await second.told('online');
    expect(again.onion).toBe(new URL(invitation).hostname);
    const removed = await stage.start(['receive', '--json', '--client-key', alice], {
      input: again.invitation,
    });
    await removed.exits(3);
    expect(await removed.told('error')).toMatchObject({ code: 'ERR_ONION_CLIENT_AUTH' });
    await fetch(again.invitation, bob, 'c');
  });

  test('is found again by a side that is started again, without the key', async ({ stage }) => {
    const path = await stage.file('from/file', LARGE);
    const sending = ['--private', '--ephemeral'];
    await arriveThoughBothEnd(await halfway(stage, { ...SLOWLY, path, sending }));
  });

  test('of a relay is reached by its key, also by a side that is started again', async ({
    stage,
  }) => {
    const secret = { ONIONFERRY_RELAY_PASSWORD: 'for friends: of mine' };
    const relay = await stage.start(['relay', '--json', '--private'], { env: secret });
    const { onion, clientKey = '' } = await relay.told('online');
    const key = await stage.file('relay.key', clientKey);
    const path = await stage.file('from/file', LARGE);
    const keyless = await stage.start(['send', '--json', '--relay', onion, path], { env: secret });
    await keyless.exits(3);
    expect(await keyless.told('error')).toMatchObject({ code: 'ERR_ONION_CLIENT_AUTH' });
    const sending = ['--relay', onion, '--client-key', key];
    await arriveThoughBothEnd(
      await halfway(stage, { ...SLOWLY, path, sending, sender: { env: secret } }),
    );
  });
});

/** Either side ends in the middle, and is started again with nothing but what it has kept. */
async function arriveThoughBothEnd(sides: TwoSides): Promise<void> {
  expect((await sides.recipient.endBy('SIGTERM')).status).toBe(5);
  await sides.receiveAgain();
  await sides.carried(1);
  expect((await sides.sender.endBy('SIGTERM')).status).toBe(5);
  await sides.resumeSend();
  await sides.arrive();
  expect((await sides.recipient.told('resuming')).bytes).toBeGreaterThan(0);
  expect(await hashOf(sides.received)).toBe(sha256(LARGE));
}
