import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { desktopWords } from '../../src/pages/words/desktop/desktop-words.js';
import { axeFindings } from '../support/browser/accessibility.js';
import { dropOn } from '../support/browser/drop-on.js';
import { pressOn, shown } from '../support/browser/ferry-page.js';
import { screenshot } from '../support/browser/screenshot.js';
import { startChromium } from '../support/browser/start-chromium.js';
import { PHONE_WIDTH, Visitor } from '../support/browser/visitor.js';
import { hashOf, sha256 } from '../support/carry.js';
import { test } from '../support/stage.js';

const NOTE = randomBytes(300_000);
const FILM = randomBytes(4_000_000);
const RECEIVED = '[data-verb=receive][data-stage=done]';
const words = desktopWords('de');

test('in Chromium, what is dropped on the page of open is sent, received by a pasted invitation, and goes on after the program was killed', async ({
  stage,
}) => {
  const home = stage.home();
  await mkdir(home, { recursive: true });
  // As file managers hold them: nested, empty, of the same name, and oddly named.
  await stage.file('album/2026/sunrise & "moon" #1 100%.jpg', NOTE);
  await stage.file('album/ünï\u200bcödé \u{1f9c5}.txt', 'onion');
  await mkdir(stage.at('album/empty/deeper'), { recursive: true });
  const note = await stage.file('a/note.txt', 'one');
  const other = await stage.file('b/note.txt', 'two');
  const vanishing = await stage.file('c/gone.bin', NOTE);
  const program = await stage.start(['open', '--no-browser'], { home });
  const [address = ''] = await program.printed(/http:\/\/127\.0\.0\.1:\d+\/#[\w-]+/);
  await using chromium = await startChromium({ directory: stage.path, language: 'de' });
  const { browser } = chromium;
  await using visitor = await Visitor.arrive({ browser, directory: stage.path });
  const { page } = visitor;
  const faults: string[] = [];
  const look = async (name: string): Promise<void> => {
    await visitor.resize(PHONE_WIDTH);
    await screenshot(page, `open-chromium-${name}`);
    const found = await axeFindings(page);
    const isTooWide = await page.evaluate(
      () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
    );
    faults.push(...found, ...(isTooWide ? ['it is wider than the window'] : []));
    await visitor.resize(1100);
  };

  await visitor.open(address);
  await shown(visitor, '#start');
  await visitor.reads(words.verbs.send.lead);
  // After that, nothing on the page moves by itself.
  await visitor.reads(words.tor.connected);

  await dropOn(page, '#drop', [stage.at('album'), note]);
  await shown(visitor, '.chosen');
  await dropOn(page, '#drop', [other, vanishing]);
  await visitor.reads('gone.bin');
  await rm(vanishing);
  await pressOn(visitor, '#start [type=submit]');
  await visitor.reads(words.what.unreadable('gone.bin'));
  await look('unreadable');
  await pressOn(visitor, '.chosen li:last-child button');
  await pressOn(visitor, '#start [type=submit]');
  await visitor.reads(words.status.waitingForRecipient);
  const invitation = await page.$eval(
    `code[data-value="${words.tasks.invitation}"]`,
    (code) => code.textContent,
  );

  await visitor.follow(words.verbs.receive.name);
  await page.type('#invitation', invitation);
  await pressOn(visitor, '#start [type=submit]');
  await visitor.reads(words.tasks.accept);
  await look('offer');
  await visitor.press(words.tasks.accept);
  await shown(visitor, RECEIVED);
  await look('done');
  // As they were called where they were dropped from.
  expect(await visitor.text()).toContain('note.txt wird als „note (2).txt“ angeboten');
  expect(await visitor.text()).not.toContain(home);
  const received = join(home, 'Downloads');
  expect(await hashOf(join(received, 'album/2026/sunrise & "moon" #1 100%.jpg'))).toBe(
    sha256(NOTE),
  );
  // Found by whoever looks: a name cannot hide what it is.
  expect((await readdir(received, { recursive: true })).sort()).toEqual([
    'album',
    'album/2026',
    'album/2026/sunrise & "moon" #1 100%.jpg',
    'album/empty',
    'album/empty/deeper',
    'album/ünï_cödé \u{1f9c5}.txt',
    'note (2).txt',
    'note.txt',
  ]);

  // The program ends in the middle of what it receives, as a computer does without power.
  const film = await stage.file('film.bin', FILM);
  const sender = await stage.start(['send', '--json', film], { bytesPerSecond: 300_000 });
  const sent = await sender.told('online');
  await page.type('#invitation', sent.invitation);
  await pressOn(visitor, '#start [type=submit]');
  await visitor.reads(words.tasks.accept);
  await visitor.press(words.tasks.accept);
  await visitor.reads(/[\d,]+ [kM]B von 4,0 MB/);
  await program.kill();
  await visitor.reads(words.ended.title);
  const again = await stage.start(['open', '--no-browser'], { home });
  const [next = ''] = await again.printed(/http:\/\/127\.0\.0\.1:\d+\/#[\w-]+/);
  await visitor.open(next);
  await visitor.reads(words.interrupted.receive('Downloads'));
  await look('interrupted');
  await visitor.press(words.interrupted.go);
  await sender.exits(0);
  await shown(visitor, RECEIVED);
  expect(await visitor.text()).not.toContain(words.interrupted.title);
  expect(await hashOf(join(received, 'film.bin'))).toBe(sha256(FILM));

  await visitor.press(words.quit);
  await visitor.reads(words.ended.title);
  await again.exits(0);
  expect(faults).toEqual([]);
});
