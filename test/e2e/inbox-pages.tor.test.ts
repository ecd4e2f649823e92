import { randomBytes } from 'node:crypto';
import { readdir, readFile, truncate } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Browser } from 'puppeteer-core';
import { describe, expect } from 'vitest';
import { en } from '../../src/pages/words/en.js';
import { breakCircuits } from '../support/browser/break-circuits.js';
import { faultsOf } from '../support/browser/faults.js';
import { lookAt } from '../support/browser/looks.js';
import { screenshot } from '../support/browser/screenshot.js';
import { test as base } from '../support/browser/test.js';
import { Visitor } from '../support/browser/visitor.js';
import { hashOf, sha256 } from '../support/carry.js';
import type { Printed } from '../support/ferry.js';
import { openStage, type Stage } from '../support/stage.js';

const PHOTO = randomBytes(1_200_000);
/** Over which a large file is still coming when its circuits break, however slow all else is. */
const LINE = { bytesPerSecond: 1_500_000 };
/** Of 24 MB, or more. */
const A_QUARTER = /(?<![\d.])([6-9]|[12]\d)(\.\d+)? MB of 24/;
/** Takes some minutes. */
const FILM_BYTES = 300_000_000;
const words = en.inbox;
const ARRIVED = words.received.title;
const REFUSED = words.refused.title['kind-refused'];

interface Inbox {
  readonly stage: Stage;
  readonly online: Printed<'online'>;
  /** What stands in it, staged or not. */
  readonly names: () => Promise<string[]>;
}

const test = base.extend<{ inbox: Inbox }>({
  inbox: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      const directory = stage.at('inbox');
      const inbox = await stage.start(['inbox', '--json', '--refuse', 'exe', directory], LINE);
      const names = (): Promise<string[]> => readdir(directory, { recursive: true });
      await use({ stage, online: await inbox.told('online'), names });
    },
    { scope: 'file' },
  ],
});

describe.for([
  'safest',
  'standard',
] as const)('an inbox in Tor Browser at the level "%s"', (level) => {
  test('saves files and a note unchanged, and confirms it', async ({ inbox, browse }) => {
    const { stage, online } = inbox;
    const photo = await stage.file(`from/Straße 北京 ${level}.jpg`, PHOTO);
    const empty = await stage.file(`from/empty ${level}`, '');
    await using visitor = await arrive(inbox, await browse(level));
    await visitor.open(online.url);
    await visitor.choose('#files', photo, empty);
    if (level === 'standard') {
      await visitor.choose('#files', await stage.file('from/mistaken', 'by mistake'));
      await visitor.reads('mistaken');
      await visitor.page.click('#chosen li:last-child button');
    }
    await visitor.write('#note', `For you & me: <b>${level}</b>`);
    await visitor.press(words.submit);
    await visitor.reads(ARRIVED);
    expect(await inbox.names()).not.toContain('mistaken');
    const before = await inbox.names();
    await visitor.page.reload();
    expect(await visitor.text()).toContain(sha256(PHOTO));
    expect(await inbox.names()).toEqual(before);
    expect(await hashOf(stage.at('inbox', basename(photo)))).toBe(sha256(PHOTO));
    expect(await hashOf(stage.at('inbox', basename(empty)))).toBe(sha256(Buffer.of()));
    const notes = (await inbox.names()).filter((name) => /^note.*\.txt$/.test(name));
    const texts = await Promise.all(notes.map((name) => readFile(stage.at('inbox', name), 'utf8')));
    expect(texts).toContain(`For you & me: <b>${level}</b>`);
    expect(faultsOf(visitor, online.url)).toEqual([]);
  });

  test('says which file types it refuses, and writes nothing', async ({ inbox, browse }) => {
    const { stage, online } = inbox;
    const before = await inbox.names();
    await using visitor = await arrive(inbox, await browse(level));
    await visitor.open(online.url);
    await visitor.choose('#files', await stage.file('from/setup.exe', PHOTO));
    await visitor.press(words.submit);
    await visitor.reads(REFUSED);
    expect(await inbox.names()).toEqual(before);
    expect(faultsOf(visitor, online.url)).toEqual([]);
  });
});

/**
 * A browser's tor learns of its end behind megabytes that lie between the two, which the circuit has
 * to carry first.
 */
const CANCELLED_MS = 240_000;

test('scripts show the progress of an upload, and cancel it without a trace', {
  timeout: 2 * CANCELLED_MS,
}, async ({ inbox, browse }) => {
  const { stage, online } = inbox;
  const before = await inbox.names();
  await using visitor = await arrive(inbox, await browse('standard'));
  await visitor.open(online.url);
  const film = await stage.file('from/film', '');
  await truncate(film, FILM_BYTES);
  await visitor.choose('#files', film);
  await visitor.press(words.submit);
  // As soon as something is on its way.
  await visitor.reads(/[1-9]\S* [kM]B of 300/);
  await screenshot(visitor.page, 'inbox-uploading');
  await visitor.press(words.cancel);
  await visitor.reads(words.cancelledTitle);
  await expect.poll(inbox.names, { timeout: CANCELLED_MS }).toEqual(before);
});

test('a large file arrives unchanged through circuits that break, and goes on in another browser', {
  timeout: 2 * CANCELLED_MS,
}, async ({ inbox, browse }) => {
  const { stage, online } = inbox;
  const content = randomBytes(24_000_000);
  const path = await stage.file('from/large.bin', content);
  {
    await using first = await arrive(inbox, await browse('standard'));
    await first.open(online.url);
    await first.choose('#files', path);
    await first.press(words.submit);
    await first.reads(/Using [3-9] circuits/);
    await first.reads(/[1-9]\.?\d* MB of 24/);
    expect(await breakCircuits(first)).toBeGreaterThan(1);
    await first.reads(A_QUARTER);
    await screenshot(first.page, 'inbox-circuits');
  }
  await using again = await arrive(inbox, await browse('standard'));
  await again.open(online.url);
  await again.choose('#files', path);
  await again.press(words.submit);
  await again.reads(A_QUARTER);
  await again.reads(ARRIVED);
  expect(await hashOf(stage.at('inbox', 'large.bin'))).toBe(sha256(content));
});

test('the pages fit desktop and phone, light and dark, and axe finds no fault', async ({
  inbox,
  browse,
}) => {
  const { stage, online } = inbox;
  const [note, refused] = await Promise.all([
    stage.file('from/a note.txt', 'hello'),
    stage.file('from/setup.exe', 'x'),
  ]);
  const send = async (visitor: Visitor, file: string, answer: string): Promise<void> => {
    await visitor.open(online.url);
    await visitor.choose('#files', file);
    await visitor.press(words.submit);
    await visitor.reads(answer);
  };
  const options = { directory: stage.path, credentials: online };
  for (const [name, lead] of [
    ['inbox', (visitor) => visitor.open(online.url)],
    ['inbox-received', (visitor) => send(visitor, note, ARRIVED)],
    ['inbox-refused', (visitor) => send(visitor, refused, REFUSED)],
  ] satisfies [string, (visitor: Visitor) => Promise<unknown>][]) {
    expect(await lookAt(name, browse, options, lead)).toEqual([]);
  }
});

async function arrive({ stage, online }: Inbox, browser: Browser): Promise<Visitor> {
  return await Visitor.arrive({ browser, directory: stage.path, credentials: online });
}
