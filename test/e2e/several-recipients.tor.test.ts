import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { describe, expect, inject } from 'vitest';
import { hashOf, sha256 } from '../support/carry.js';
import type { Ferry, Printed } from '../support/ferry.js';
import { SLOW_LINE, type Stage, type StartOptions, test } from '../support/stage.js';

const NOTE = randomBytes(20_000);
const FILM = randomBytes(1_500_000);
/** Ten at once on a machine of two cores */
const CROWD_MS = 600_000;

function receive(
  stage: Stage,
  invitation: string,
  out: string,
  options: StartOptions & { readonly more?: readonly string[] } = {},
): Promise<Ferry> {
  const { more = [], ...rest } = options;
  const args = ['receive', '--json', '--out', stage.at(out), ...more];
  return stage.start(args, { input: `${invitation}\n`, ...rest });
}

/** Downloads as a script would that has only a SOCKS proxy. */
async function curl(
  { onion, user, password }: Printed<'online'>,
  name: string,
  to: string,
): Promise<void> {
  const proxy = `socks5h://${to.length}:x@127.0.0.1:${inject('socksPort')}`;
  const login = `${user}:${password}`;
  const url = `http://${onion}/files/${name}`;
  await promisify(execFile)('curl', ['-sSf', '--proxy', proxy, '-u', login, '-o', to, url]);
}

/**
 * Resolves when a sender has told that so many recipients have everything. It tells so once they have
 * closed their connections, when their programs may have ended already.
 */
async function untilServed(sender: Ferry, count: number): Promise<void> {
  const numbers = new Set<number | undefined>();
  await sender.told('done', ({ recipient }) => numbers.add(recipient).size === count);
}

function isMidway({ bytes, total }: Printed<'progress'>): boolean {
  return bytes > 0 && bytes < (total ?? 0);
}

describe.concurrent('several recipients of one sender', () => {
  test('are served side by side with --keep, programs and browsers, whatever happens to some', {
    timeout: CROWD_MS,
  }, async ({ stage }) => {
    const file = await stage.file('from/film', FILM);
    const sender = await stage.start(['send', '--json', '--keep', file]);
    const online = await sender.told('online');
    const { invitation } = online;
    await stage.file('declining/film', 'there already');
    const home = stage.home();
    const start = (out: string, more: readonly string[] = []): Promise<Ferry> =>
      receive(stage, invitation, out, { more });
    const [killed, stalled, third, fourth, declining, wrong] = await Promise.all([
      receive(stage, invitation, 'killed', { home, ...SLOW_LINE }),
      receive(stage, invitation, 'stalled', SLOW_LINE),
      start('third'),
      start('fourth'),
      start('declining', ['--on-conflict', 'fail']),
      receive(stage, invitation.replace(/[a-z]+$/, 'nonsense'), 'wrong'),
    ]);
    const browsers = ['a', 'ab', 'abc', 'abcd'].map((name) =>
      curl(online, 'film', stage.at(`film-${name}`)),
    );
    const killing = killed.told('progress', isMidway).then(() => killed.kill());
    await stalled.told('progress', isMidway);
    process.kill(stalled.pid, 'SIGSTOP');
    await killing;
    const again = await receive(stage, invitation, 'killed', { home });
    await wrong.exits(3, CROWD_MS);
    await declining.exits(1, CROWD_MS);
    await Promise.all([again, third, fourth].map((one) => one.exits(0, CROWD_MS)));
    await Promise.all(browsers);
    process.kill(stalled.pid, 'SIGCONT');
    await stalled.exits(0, CROWD_MS);

    const names = ['killed/film', 'stalled/film', 'third/film', 'fourth/film'];
    const files = [...names, 'film-a', 'film-ab', 'film-abc', 'film-abcd'];
    const hashes = await Promise.all(files.map((name) => hashOf(stage.at(name))));
    expect(new Set(hashes)).toEqual(new Set([sha256(FILM)]));
    // Every recipient that knew the password has its number, and the sender still waits.
    await untilServed(sender, 4);
    const last = await start('last');
    await last.exits(0, CROWD_MS);
    expect(await hashOf(stage.at('last/film'))).toBe(sha256(FILM));
    await untilServed(sender, 5);
    sender.interrupt();
    await sender.exits(130);
    expect(sender.events.filter(({ event }) => event === 'done')).toHaveLength(5);
    expect(sender.events.filter(({ event }) => event === 'online')).toHaveLength(1);
  });

  test('hear at once that somebody else is receiving, without --keep', async ({ stage }) => {
    const file = await stage.file('from/film', FILM);
    const sender = await stage.start(['send', '--json', file]);
    const { invitation } = await sender.told('online');
    const first = await receive(stage, invitation, 'first', SLOW_LINE);
    await first.told('progress');
    // It holds its connections for longer than the second one takes to come.
    process.kill(first.pid, 'SIGSTOP');
    const second = await receive(stage, invitation, 'second');
    await second.exits(5);
    process.kill(first.pid, 'SIGCONT');
    expect(await second.told('error')).toMatchObject({
      code: 'ERR_CHANNEL_FULL',
      message: expect.stringContaining('somebody else is receiving this') as string,
    });
    await Promise.all([first.exits(0), sender.exits(0)]);
    expect(await hashOf(stage.at('first/film'))).toBe(sha256(FILM));
  });

  test('do not end it by declining, without --keep', async ({ stage }) => {
    const file = await stage.file('from/note', NOTE);
    await stage.file('declining/note', 'there already');
    const sender = await stage.start(['send', '--json', file]);
    const { invitation } = await sender.told('online');
    const more = ['--on-conflict', 'fail'];
    const declining = await receive(stage, invitation, 'declining', { more });
    await declining.exits(1);
    await sender.told('peer', ({ state }) => state === 'left');
    await sender.told('warning');
    const right = await receive(stage, invitation, 'right');
    await Promise.all([right.exits(0), sender.exits(0)]);
    expect(await hashOf(stage.at('right/note'))).toBe(sha256(NOTE));
  });

  test('on somebody else’s relay each have an invitation of their own', async ({ stage }) => {
    const env = { ONIONFERRY_RELAY_PASSWORD: 'for friends of mine' };
    const relay = await stage.start(['relay', '--json'], { env });
    const { onion } = await relay.told('online');
    const file = await stage.file('from/film', FILM);
    const sender = await stage.start(['send', '--json', '--keep', '--relay', onion, file], { env });
    const first = await sender.told('online');
    const one = await receive(stage, first.invitation, 'one', SLOW_LINE);
    await one.told('progress');
    // The next one is there while the first is being served.
    const isNew = ({ invitation }: Printed<'online'>): boolean => invitation !== first.invitation;
    const second = await sender.told('online', isNew);
    const other = await receive(stage, second.invitation, 'other');
    await Promise.all([one.exits(0), other.exits(0)]);
    await sender.told('done', ({ recipient }) => recipient === 1);
    await sender.told('done', ({ recipient }) => recipient === 2);
    sender.interrupt();
    await sender.exits(130);
  });

  test('are all resumed when the sender was killed and is started again', {
    timeout: CROWD_MS,
  }, async ({ stage }) => {
    const long = randomBytes(2_000_000);
    const file = await stage.file('from/film', long);
    const home = stage.home();
    const args = ['send', '--json', '--keep', '--circuits', '1', file];
    const sender = await stage.start(args, { home });
    const { invitation } = await sender.told('online');
    const recipients = await Promise.all(
      ['one', 'other'].map((out) => receive(stage, invitation, out, SLOW_LINE)),
    );
    await Promise.all(recipients.map((recipient) => recipient.told('progress', isMidway)));
    // The first content comes before the sender knows, and has noted, that they accept.
    for (const number of [1, 2]) {
      await sender.told('progress', ({ recipient, bytes }) => recipient === number && bytes > 0);
    }
    await sender.kill();
    const again = await stage.start(['send', '--json', '--resume'], { home });
    await Promise.all(recipients.map((recipient) => recipient.exits(0, CROWD_MS)));
    // Others are let in again, at the same address and with new words.
    const online = await again.told('online');
    expect(online.onion).toBe((await sender.told('online')).onion);
    expect(online.invitation).not.toBe(invitation);
    const third = await receive(stage, online.invitation, 'third');
    await third.exits(0, CROWD_MS);
    await again.told('done', ({ recipient }) => recipient === 3);
    again.interrupt();
    await again.exits(130);
    for (const recipient of [1, 2]) {
      expect(again.events).toContainEqual(
        expect.objectContaining({ event: 'resuming', bytes: null, recipient }),
      );
    }
    for (const out of ['one', 'other', 'third']) {
      expect(await hashOf(stage.at(out, 'film'))).toBe(sha256(long));
    }
  });
});

describe.concurrent('a share', () => {
  test('is received by programs, each time counting as one download', async ({ stage }) => {
    await stage.file('from/film', FILM);
    await stage.file('from/letters/note', NOTE);
    const args = ['share', '--json', '--limit', '2', '-u', 'friend', stage.at('from')];
    const share = await stage.start(args);
    const { invitation, onion, password } = await share.told('online');
    expect(invitation).toBe(`http://${onion}/#${password}`);
    const one = await receive(stage, invitation, 'one');
    // Also by the address, the user and the password.
    const more = ['--user', 'friend'];
    const two = await stage.start(['receive', onion, '--json', '--out', stage.at('two'), ...more], {
      env: { ONIONFERRY_PASSWORD: password },
    });
    await Promise.all([one.exits(0), two.exits(0)]);
    for (const out of ['one', 'two']) {
      expect(await hashOf(stage.at(out, 'from/film'))).toBe(sha256(FILM));
      expect(await hashOf(stage.at(out, 'from/letters/note'))).toBe(sha256(NOTE));
    }
    await share.told('done', ({ recipient }) => recipient === undefined);
    await share.exits(0);
  });

  test('goes on serving pages and programs when a program has declined', async ({ stage }) => {
    await stage.file('from/note', NOTE);
    await stage.file('declining/from/note', 'there already');
    const share = await stage.start(['share', '--json', stage.at('from')]);
    const online = await share.told('online');
    const more = ['--on-conflict', 'fail'];
    const declining = await receive(stage, online.invitation, 'declining', { more });
    await declining.exits(1);
    await share.told('warning', ({ recipient }) => recipient === 1);
    await curl(online, 'from/note', stage.at('by-curl'));
    const right = await receive(stage, online.invitation, 'right');
    await right.exits(0);
    expect(await hashOf(stage.at('by-curl'))).toBe(sha256(NOTE));
    expect(await hashOf(stage.at('right/from/note'))).toBe(sha256(NOTE));
  });
});
