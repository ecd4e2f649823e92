import { randomBytes } from 'node:crypto';
import { describe, expect, inject } from 'vitest';
import { fetchFrom, hashOf, sha256 } from '../support/carry.js';
import type { PrintedEvent } from '../support/ferry.js';
import { test } from '../support/stage.js';

/** Some seconds' worth for one circuit, so that there is progress to report. */
const PHOTO = randomBytes(3_000_000);
const NOTE = randomBytes(20_000);

describe.concurrent('a file from the sender’s own relay', () => {
  test('reaches a recipient with the invitation, and both sides report what happens', async ({
    stage,
  }) => {
    const file = await stage.file('from/photo.jpg', PHOTO);
    const sender = await stage.start(['send', '--json', file]);
    const recipient = await fetchFrom(sender, stage);
    expect(await hashOf(stage.at('to', 'photo.jpg'))).toBe(sha256(PHOTO));

    expect(outline(sender.events)).toEqual([
      'tor',
      'online',
      'peer joined',
      'peer authenticated',
      'progress',
      'done',
    ]);
    expect(outline(recipient.events)).toEqual([
      'tor',
      'peer authenticated',
      'offer',
      'progress',
      'file',
      'done',
    ]);
    for (const side of [sender, recipient]) {
      const arrived = { event: 'arrived', path: 'photo.jpg', bytes: PHOTO.length };
      expect(side.events).toContainEqual(arrived);
    }
    const { onion, invitation, password } = await sender.told('online');
    expect(onion).toMatch(/^[a-z2-7]{56}\.onion$/);
    expect(await sender.told('online')).toEqual({
      event: 'online',
      onion,
      url: `http://${onion}/`,
      user: expect.stringMatching(/^\w+$/) as string,
      password: expect.stringMatching(/^([a-z]+-){5}[a-z]+$/) as string,
      invitation: `http://${onion}/#${password}`,
    });
    expect(invitation).toContain(password);
    expect(await recipient.told('offer')).toEqual({
      event: 'offer',
      kind: 'files',
      names: ['photo.jpg'],
      entries: [{ name: 'photo.jpg', kind: 'file', files: 1, bytes: PHOTO.length }],
      files: 1,
      bytes: PHOTO.length,
    });
    expect(await recipient.told('file')).toEqual({
      event: 'file',
      path: 'photo.jpg',
      bytes: PHOTO.length,
      sha256: sha256(PHOTO),
    });
    for (const { events, stderr } of [sender, recipient]) {
      expect(stderr).toBe('');
      const tor = events.filter(({ event }) => event === 'tor');
      expect(tor.at(-1)).toEqual({ event: 'tor', progress: 100, summary: 'Done' });
      const progress = events.filter((told) => told.event === 'progress');
      const steps = progress.map(({ bytes }) => bytes);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
      expect(new Set(steps.filter((bytes) => bytes < PHOTO.length)).size).toBeGreaterThan(0);
      expect(progress.at(-1)).toEqual({
        event: 'progress',
        bytes: PHOTO.length,
        total: PHOTO.length,
        rate: expect.any(Number) as number,
        circuits: expect.any(Number) as number,
        file: 'photo.jpg',
        fileNumber: 1,
        files: 1,
      });
      expect(events.at(-1)).toEqual({
        event: 'done',
        bytes: PHOTO.length,
        files: 1,
        seconds: expect.any(Number) as number,
        circuits: expect.any(Number) as number,
      });
    }
  });

  test('reaches a recipient with the address and the password', async ({ stage }) => {
    const file = await stage.file('from/note', NOTE);
    const sender = await stage.start(['send', '--json', file]);
    const { onion, password } = await sender.told('online');
    const recipient = await stage.start(['receive', onion, '--json', '--out', stage.at('to')], {
      // As people type it.
      env: { ONIONFERRY_PASSWORD: password.toUpperCase().replaceAll('-', ' ') },
    });
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await hashOf(stage.at('to', 'note'))).toBe(sha256(NOTE));
  });

  test('can have a password that was chosen, and comes from files on both sides', async ({
    stage,
  }) => {
    const file = await stage.file('from/note', NOTE);
    const secret = await stage.file('password', 'Straße-北京-θάλασσα-7-words\n');
    const torrc = await stage.file('torrc', inject('torrc'));
    const sender = await stage.start(
      [
        ...['send', '--json', file, '--password-file', secret],
        ...['--data-dir', stage.at('data'), '--torrc', torrc],
      ],
      { env: { ONIONFERRY_HOME: '', ONIONFERRY_TORRC: '' } },
    );
    const { invitation } = await sender.told('online');
    const received = await stage.file('invitation', invitation);
    const recipient = await stage.start([
      ...['receive', '--json', '--password-file', received],
      ...['--out', stage.at('to')],
    ]);
    await Promise.all([recipient.exits(0), sender.exits(0)]);
    expect(await hashOf(stage.at('to', 'note'))).toBe(sha256(NOTE));
  });
});

describe.concurrent('a sender', () => {
  test('serves one recipient after the other with --keep, until it is stopped', async ({
    stage,
  }) => {
    const file = await stage.file('from/note', NOTE);
    const sender = await stage.start(['send', '--json', '--keep', file]);
    const { invitation } = await sender.told('online');
    for (const out of ['first', 'second', 'third']) {
      const recipient = await stage.start(['receive', '--json', '--out', stage.at(out)], {
        input: invitation,
      });
      await recipient.exits(0);
      expect(await hashOf(stage.at(out, 'note'))).toBe(sha256(NOTE));
    }
    // The last recipient may have ended before the sender has told so.
    await sender.told('done', ({ recipient }) => recipient === 3);
    sender.interrupt();
    await sender.exits(130);
    expect(sender.events.filter(({ event }) => event === 'done')).toHaveLength(3);
  });

  test('that nobody comes to in time ends with status 5', async ({ stage }) => {
    const file = await stage.file('from/note', NOTE);
    const sender = await stage.start(['send', '--json', '--expires', '1s', file]);
    await sender.exits(5);
    expect(await sender.told('error')).toMatchObject({ code: 'ERR_TIMEOUT' });
  });
});

describe.concurrent('the curve of the key agreement', () => {
  // The other two carry files in the next test, and in all others.
  test.for(['p521', 'ed25519', 'siec'] as const)('%s carries a file', async (curve, { stage }) => {
    const file = await stage.file('from/note', NOTE);
    const sender = await stage.start(['send', '--json', '--curve', curve, file]);
    await fetchFrom(sender, stage);
    expect(await hashOf(stage.at('to', 'note'))).toBe(sha256(NOTE));
  });

  test('is what both sides name, or the recipient is refused and the sender waits on', async ({
    stage,
  }) => {
    const file = await stage.file('from/note', NOTE);
    const sender = await stage.start(['send', '--json', '--curve', 'p384', file]);
    const { onion, password } = await sender.told('online');
    const receive = (...curve: string[]): ReturnType<typeof stage.start> =>
      stage.start(['receive', onion, '--json', '--out', stage.at('to'), ...curve], {
        env: { ONIONFERRY_PASSWORD: password },
      });
    const others = await Promise.all([receive(), receive('--curve', 'siec')]);
    for (const other of others) {
      await other.exits(2);
      expect(await other.told('error')).toMatchObject({ code: 'ERR_CURVE' });
    }
    expect(sender.events.at(-1)?.event).toBe('online');
    const right = await receive('--curve', 'p384');
    await Promise.all([right.exits(0), sender.exits(0)]);
    expect(await hashOf(stage.at('to', 'note'))).toBe(sha256(NOTE));
  });
});

/**
 * What was told in which order; the same several times in a row counts once. That a file has arrived
 * may come before or after the last progress.
 */
function outline(events: readonly PrintedEvent[]): string[] {
  return events
    .filter(({ event }) => event !== 'arrived')
    .map((event) => (event.event === 'peer' ? `peer ${event.state}` : event.event))
    .filter((line, index, lines) => line !== lines[index - 1]);
}
