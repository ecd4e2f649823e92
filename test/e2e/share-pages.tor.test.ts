import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { readdir, symlink, truncate, utimes } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect } from 'vitest';
import { en } from '../../src/pages/words/en.js';
import { breakCircuits } from '../support/browser/break-circuits.js';
import { download } from '../support/browser/download.js';
import { faultsOf } from '../support/browser/faults.js';
import { pressOn, shown } from '../support/browser/ferry-page.js';
import { lookAt } from '../support/browser/looks.js';
import { screenshot } from '../support/browser/screenshot.js';
import { test as base } from '../support/browser/test.js';
import { Visitor } from '../support/browser/visitor.js';
import { hashOf, sha256 } from '../support/carry.js';
import type { Ferry, Printed } from '../support/ferry.js';
import { png } from '../support/png.js';
import { openStage, type Stage } from '../support/stage.js';
import { tree } from '../support/tree.js';

const PHOTO = randomBytes(1_500_000);
/** Worth several circuits */
const FILM = randomBytes(12_000_000);
/** Slow enough for that to be still coming when its circuits break, however slow all else is. */
const LINE = { bytesPerSecond: 600_000 };
/** So much that it is still coming when it is cancelled; nothing but a hole */
const CONCERT_BYTES = 400_000_000;
/** Too large for a page to hold; nothing but a hole */
const DISK_BYTES = 600_000_000;
/** In several scripts, with what means something in HTML, addresses and headers. */
const NAMES = ['Straße 北京 "quoted".txt', 'a&b <i> 100% #1?.txt', 'שלום.txt'] as const;

/** A picture that says in its name what it is not, and would show if it were run. */
const HTML = '<!doctype html><title>ran</title><script>document.title = "ran"</script>';
/** So many that they need more pages than are named */
const MANY = 5_600;

interface Shared {
  readonly stage: Stage;
  readonly online: Printed<'online'>;
}

const test = base.extend<{
  shared: Shared;
  large: Shared & { readonly share: Ferry };
  many: Shared;
}>({
  shared: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      await stage.file('from/photo.jpg', PHOTO);
      await stage.file('from/letters/2026/to you.txt', 'hello');
      await stage.file('large/film.webm', FILM);
      await truncate(await stage.file('large/concert.webm', ''), CONCERT_BYTES);
      await truncate(await stage.file('large/disk.img', ''), DISK_BYTES);
      for (const name of NAMES) await stage.file(`from/letters/${name}`, name);
      // An archive knows whole seconds.
      for (const name of await readdir(stage.at('from'), { recursive: true })) {
        await utimes(stage.at('from', name), 1_700_000_000, 1_700_000_000);
      }
      const share = await stage.start(['share', '--json', '-u', 'friend', stage.at('from')]);
      await use({ stage, online: await share.told('online') });
    },
    { scope: 'file' },
  ],
  /** Another one, of what is worth several circuits. */
  large: [
    async ({ shared: { stage } }, use) => {
      const args = ['share', '--json', '-u', 'friend', stage.at('large')];
      const share = await stage.start(args, LINE);
      await use({ stage, share, online: await share.told('online') });
    },
    { scope: 'file' },
  ],
  /** Pictures, texts, and more than one page holds. */
  many: [
    async ({ shared: { stage } }, use) => {
      await stage.file(
        'album/notes.txt',
        '<b>Grüße</b>\n\nA line that is as long as lines are. '.repeat(9),
      );
      await stage.file('album/sunrise.png', png(640, 400));
      await stage.file('album/not a picture.png', HTML);
      await stage.file('album/2026/a.txt', 'a');
      await symlink('/nowhere', stage.at('album/elsewhere'));
      for (let number = 1; number <= MANY; number++) {
        writeFileSync(stage.at(`album/IMG_${number}.dat`), 'x'.repeat(number % 50));
      }
      const args = ['share', '--json', '-u', 'friend', stage.at('album')];
      const share = await stage.start(args);
      await use({ stage, online: await share.told('online') });
    },
    { scope: 'file' },
  ],
});

describe.for([
  'safest',
  'standard',
] as const)('a share in Tor Browser at the level "%s"', (level) => {
  test('lists what is shared, and leads into folders and back', async ({
    shared: { stage, online },
    browse,
  }) => {
    await using visitor = await arrive(stage, online, await browse(level));
    await visitor.open(online.url);
    expect(await visitor.page.title()).toBe('from · onionferry');
    expect(await visitor.text()).toContain('5 files');
    await visitor.follow('letters');
    expect(await visitor.text()).toContain(NAMES[0]);
    await visitor.follow('2026');
    expect(await visitor.text()).toContain('to you.txt');
    await visitor.follow('from');
    expect(visitor.page.url()).toBe(online.url);
    expect(faultsOf(visitor, online.url)).toEqual([]);
  });

  test('serves a file unchanged', async ({ shared: { stage, online }, browse }) => {
    await using visitor = await arrive(stage, online, await browse(level));
    await visitor.open(online.url);
    const path = await download(visitor, () => visitor.press('photo.jpg'));
    expect(basename(path)).toBe('photo.jpg');
    expect(await hashOf(path)).toBe(sha256(PHOTO));
  });

  test('serves everything as one archive', async ({ shared: { stage, online }, browse }) => {
    await using visitor = await arrive(stage, online, await browse(level));
    await visitor.open(online.url);
    const path = await download(visitor, () => visitor.press(en.share.everything));
    expect(basename(path)).toBe('from.zip');
    await promisify(execFile)('unzip', ['-q', path, '-d', visitor.downloads]);
    const [unpacked, shared] = await Promise.all(
      [visitor.downloads, stage.path].map(async (path) => await tree(`${path}/from`)),
    );
    expect(unpacked).toEqual(shared);
  });
});

describe.for([
  'safest',
  'standard',
] as const)('a long list in Tor Browser at the level "%s"', (level) => {
  test('is searched, sorted and turned to any page', async ({ many, browse }) => {
    const { stage, online } = many;
    await using visitor = await arrive(stage, online, await browse(level));
    await visitor.open(online.url);
    await visitor.write('#q', 'img_560');
    await visitor.follow(en.share.searchButton);
    expect(await visitor.text()).toContain(en.share.found(2, MANY + 4));
    await visitor.follow(en.share.searchEnd);
    await visitor.write('#page', '12');
    await visitor.follow(en.pager.jumpButton);
    expect(await visitor.text()).toContain('IMG_5600.dat');
    await visitor.open(`${online.url}?sort=size&order=desc`);
    expect(await visitor.text()).toContain('sunrise.png');
    expect(faultsOf(visitor, online.url)).toEqual([]);
  });
});

test('shows pictures and texts, and runs nothing of them', async ({ many, browse }) => {
  const { stage, online } = many;
  await using visitor = await arrive(stage, online, await browse('standard'));
  await visitor.open(`${online.url}view/album/sunrise.png`);
  const width = await visitor.page.$eval('img', (image) => image.naturalWidth);
  expect(width).toBe(640);
  await screenshot(visitor.page, 'view-picture');
  await visitor.open(`${online.url}view/album/notes.txt`);
  expect(await visitor.text()).toContain('<b>Grüße</b>');
  const path = await download(visitor, () => visitor.press(en.share.only));
  expect(basename(path)).toBe('notes.txt');
  await visitor.open(`${online.url}view/album/notes.txt`);
  await visitor.follow('album');
  await visitor.open(`${online.url}view/album/not%20a%20picture.png`);
  expect(await visitor.page.title()).not.toBe('ran');
  expect(await visitor.page.$$('script')).toEqual([]);
  expect(faultsOf(visitor, online.url)).toEqual([]);
});

describe('a faster download in Tor Browser at the level "Safer"', () => {
  test('comes over several circuits, goes on when all of them break, and is the file', async ({
    large: { stage, share, online },
    browse,
  }) => {
    await using visitor = await arrive(stage, online, await browse('safer'));
    await visitor.open(`${online.url}parallel/page/files/large/film.webm`);
    await shown(visitor, '#begin');
    await screenshot(visitor.page, 'parallel-idle');
    const path = await download(visitor, async () => {
      await pressOn(visitor, '#start');
      await visitor.reads(/Using [2-9] circuits/);
      await screenshot(visitor.page, 'parallel-running');
      expect(await breakCircuits(visitor)).toBeGreaterThan(1);
    });
    expect(basename(path)).toBe('film.webm');
    expect(await hashOf(path)).toBe(sha256(FILM));
    const told = await share.told('file');
    expect(told).toMatchObject({ path: 'large/film.webm', bytes: FILM.length });
  });

  test('can be cancelled, and says what it cannot hold', async ({
    large: { stage, online },
    browse,
  }) => {
    await using visitor = await arrive(stage, online, await browse('safer'));
    await visitor.open(online.url);
    await shown(visitor, 'a.faster');
    await screenshot(visitor.page, 'parallel-listing');
    await visitor.open(`${online.url}parallel/page/files/large/concert.webm#now`);
    await pressOn(visitor, '#cancel');
    await visitor.reads(en.parallel.failures.cancelled);
    await screenshot(visitor.page, 'parallel-failed');
    await visitor.open(`${online.url}parallel/page/files/large/disk.img#now`);
    expect(await visitor.text()).toContain(en.parallel.tooLargeTitle);
    await screenshot(visitor.page, 'parallel-too-large');
  });
});

describe('the pages of a share', () => {
  test('know that a browser has a small file which keeps its connection and asks for nothing more', async ({
    shared: { stage },
    browse,
  }) => {
    const note = await stage.file('note', randomBytes(20_000));
    const share = await stage.start(['share', '--json', '--limit', '1', note]);
    await using visitor = await arrive(stage, await share.told('online'), await browse('safest'));
    await visitor.open((await share.told('online')).url);
    const path = await download(visitor, () => visitor.press('note'));
    expect(await hashOf(path)).toBe(await hashOf(note));
    await share.told('done');
    // Nobody is waited for who might want it again.
    const waits = share.events.filter(({ event }) => event === 'waiting');
    expect(JSON.stringify(waits)).not.toContain('downloads that failed');
    share.interrupt();
    await share.exits(0);
  });

  test('fit desktop and phone, light and dark, and axe finds no fault', async ({
    shared: { stage, online },
    browse,
  }) => {
    const options = { directory: stage.path, credentials: online };
    for (const [name, path] of [
      ['share', ''],
      ['share-folder', 'files/from/letters/'],
    ] as const) {
      const wrong = await lookAt(name, browse, options, (visitor) =>
        visitor.open(`${online.url}${path}`),
      );
      expect(wrong).toEqual([]);
    }
  });
});

describe('lists and what they show', () => {
  test.for([
    ['list', '?page=12'],
    ['list-folders', '?q=n'],
    ['list-nothing', '?q=xyz'],
    ['list-by-time', '?sort=time&order=desc&q=IMG_55'],
    ['view-text', 'view/album/notes.txt'],
  ] as const)('%s fits desktop and phone, and axe finds no fault', async ([name, path], {
    many: { stage, online },
    browse,
  }) => {
    const options = { directory: stage.path, credentials: online };
    const wrong = await lookAt(`share-${name}`, browse, options, (visitor) =>
      visitor.open(`${online.url}${path}`),
    );
    expect(wrong).toEqual([]);
  });
});

async function arrive(
  stage: Stage,
  credentials: Printed<'online'>,
  browser: Visitor['browser'],
): Promise<Visitor> {
  return await Visitor.arrive({ browser, directory: stage.path, credentials });
}
