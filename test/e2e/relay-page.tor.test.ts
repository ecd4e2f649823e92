import { randomBytes } from 'node:crypto';
import { readdir, truncate } from 'node:fs/promises';
import { describe, expect, inject } from 'vitest';
import { en } from '../../src/pages/words/en.js';
import { axeFindings } from '../support/browser/accessibility.js';
import { startAlteringRelay } from '../support/browser/altering-relay.js';
import { download } from '../support/browser/download.js';
import { faultsOf } from '../support/browser/faults.js';
import { begin, fill, pressOn, shown, valueOf } from '../support/browser/ferry-page.js';
import { lookAt } from '../support/browser/looks.js';
import { screenshot } from '../support/browser/screenshot.js';
import { test as base } from '../support/browser/test.js';
import { Visitor } from '../support/browser/visitor.js';
import { hashOf, sha256 } from '../support/carry.js';
import type { Printed } from '../support/ferry.js';
import { openStage, type Stage } from '../support/stage.js';

const NOTE = randomBytes(500_000);
const RELAY_PASSWORD = 'for friends of mine';

interface Relay {
  readonly stage: Stage;
  readonly online: Printed<'online'>;
}

const test = base.extend<{ relay: Relay }>({
  relay: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      const env = { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD };
      const relay = await stage.start(['relay', '--json'], { env });
      await use({ stage, online: await relay.told('online') });
    },
    { scope: 'file' },
  ],
});

type Browser = Visitor['browser'];

async function arrive(
  { path }: Stage,
  browser: Browser,
  credentials: { user: string; password: string },
): Promise<Visitor> {
  return await Visitor.arrive({ browser, directory: path, credentials });
}

describe('the page of a relay for others', () => {
  test('receives from a program, by an invitation that is removed from the address bar at once', async ({
    relay: { online },
    stage,
    browse,
  }) => {
    const file = await stage.file('from/note', NOTE);
    const sender = await stage.start(['send', '--json', '--relay', online.onion, file], {
      isBare: true,
      env: { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD },
    });
    const { invitation, password } = await sender.told('online');
    await using visitor = await arrive(stage, await browse('safer'), online);
    await visitor.open(invitation);
    expect(await valueOf(visitor, '#code')).toBe(password);
    expect(visitor.page.url()).toBe(online.url);
    expect(await visitor.page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
    await begin(visitor);
    await shown(visitor, '#offer');
    expect(await visitor.text()).toContain('note');
    const path = await download(visitor, () => pressOn(visitor, '#accept'));
    expect(await hashOf(path)).toBe(sha256(NOTE));
    await sender.exits(0);
    expect(faultsOf(visitor, online.url)).toEqual([]);
  });

  test('reports a wrong password, and then accepts the right one', async ({
    relay: { online },
    stage,
    browse,
  }) => {
    const sender = await stage.start(['send', '--json', '--relay', online.onion, '--text', '-'], {
      isBare: true,
      env: { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD },
      input: 'a text for the page',
    });
    const { password } = await sender.told('online');
    await using visitor = await arrive(stage, await browse('safer'), online);
    await visitor.open(online.url);
    await fill(visitor, '#code', `${password}-wrong`);
    await begin(visitor);
    await shown(visitor, '#failure');
    expect(await visitor.text()).toContain(en.relay.failures.byCode.ERR_PASSWORD);
    expect(await looked(visitor, 'relay-wrong-password')).toEqual([]);
    await pressOn(visitor, '#again');
    await fill(visitor, '#code', password);
    await begin(visitor);
    await pressOn(visitor, '#accept');
    await shown(visitor, '#text');
    expect(await valueOf(visitor, '#text')).toBe('a text for the page');
    expect(await looked(visitor, 'relay-text')).toEqual([]);
    await sender.exits(0);
  });

  test('sends to a program', async ({ relay: { online }, stage, browse }) => {
    const file = await stage.file('from/note', NOTE);
    await using visitor = await arrive(stage, await browse('safer'), online);
    await visitor.open(`${online.url}send`);
    await choose(visitor, file);
    await begin(visitor);
    await shown(visitor, '#waiting');
    const invitation = await valueOf(visitor, '#invitation');
    expect(await looked(visitor, 'relay-waiting')).toEqual([]);
    const recipient = await stage.start(['receive', '--json', '--out', stage.at('to')], {
      isBare: true,
      input: `${invitation}\n`,
    });
    await recipient.exits(0);
    expect(await hashOf(stage.at('to/note'))).toBe(sha256(NOTE));
    await shown(visitor, '#done');
    expect(await looked(visitor, 'relay-sent')).toEqual([]);
    expect(faultsOf(visitor, online.url)).toEqual([]);
  });

  test('sends from page to page', async ({ relay: { online }, stage, browse }) => {
    const file = await stage.file('from/note', NOTE);
    await using from = await arrive(stage, await browse('safer'), online);
    await from.open(`${online.url}send`);
    await choose(from, file);
    await begin(from);
    await shown(from, '#waiting');
    await using to = await arrive(stage, await browse('safer'), online);
    await to.open(await valueOf(from, '#invitation'));
    await begin(to);
    const path = await download(to, () => pressOn(to, '#accept'));
    expect(await hashOf(path)).toBe(sha256(NOTE));
    await shown(from, '#done');
  });

  test('says what to do at the level "safest"', async ({ relay: { online }, stage, browse }) => {
    await using visitor = await arrive(stage, await browse('safest'), online);
    await visitor.open(online.url);
    expect(await visitor.text()).toContain(en.relay.noScript.title);
    expect(faultsOf(visitor, online.url)).toEqual([]);
  });

  test('fits desktop and phone, light and dark, and axe finds no fault', async ({
    relay: { stage, online },
    browse,
  }) => {
    const options = { directory: stage.path, credentials: online };
    for (const [name, path] of [
      ['relay-receive', ''],
      ['relay-send', 'send'],
    ] as const) {
      const wrong = await lookAt(name, browse, options, (visitor) =>
        visitor.open(`${online.url}${path}`),
      );
      expect(wrong).toEqual([]);
    }
  });
});

describe('a relay that changes one byte of a stream', () => {
  test('is caught by its own honest page, which keeps nothing', async ({ stage, browse }) => {
    await using relay = await startAlteringRelay({
      program: inject('torProgram'),
      directory: stage.path,
      torrc: inject('torrc'),
      password: RELAY_PASSWORD,
      // Behind all that a page is made of.
      at: 400_000,
    });
    const file = await stage.file('from/note', NOTE);
    const sender = await stage.start(['send', '--json', '--relay', relay.onion, file], {
      isBare: true,
      env: { ONIONFERRY_RELAY_PASSWORD: RELAY_PASSWORD },
    });
    const { invitation } = await sender.told('online');
    await using visitor = await arrive(stage, await browse('safer'), relay);
    await visitor.open(invitation);
    await begin(visitor);
    await pressOn(visitor, '#accept');
    await shown(visitor, '#failure');
    expect(await visitor.text()).toContain(en.relay.failures.byCode.ERR_STREAM);
    expect(await readdir(visitor.downloads)).toEqual([]);
    await sender.exits(1);
  });
});

describe('the page of a sender’s own relay', () => {
  test('for the access words alone names no file, says before the transfer that it is too large, and leaves the sender waiting', async ({
    stage,
    browse,
  }) => {
    const file = await stage.file('from/film', '');
    await truncate(file, 600_000_000);
    const sender = await stage.start(['send', '--json', file], { isBare: true });
    const { password, user, invitation } = await sender.told('online');
    const credentials = { user, password: password.split('-').slice(0, 2).join('-') };
    await using visitor = await arrive(stage, await browse('safer'), credentials);
    await visitor.open(invitation);
    expect(await visitor.text()).not.toContain('film');
    expect((await visitor.page.content()).includes('film')).toBe(false);
    await begin(visitor);
    await shown(visitor, '#failure');
    expect(await visitor.text()).toContain('600 MB');
    expect(await visitor.text()).toContain(en.relay.tooLargeOwn);
    expect(await sender.told('warning')).toMatchObject({
      message: expect.stringContaining('browser') as string,
    });
    await using other = await arrive(stage, await browse('safest'), { user, password });
    await other.open(invitation);
    expect(await other.text()).toContain('film');
  });

  test('offers a plain download without JavaScript, and the sender ends after it', async ({
    stage,
    browse,
  }) => {
    const file = await stage.file('from/note', NOTE);
    const sender = await stage.start(['send', '--json', file], { isBare: true });
    const online = await sender.told('online');
    await using visitor = await arrive(stage, await browse('safest'), online);
    await visitor.open(online.url);
    const path = await download(visitor, () => visitor.press('note'));
    expect(await hashOf(path)).toBe(sha256(NOTE));
    expect(await sender.told('done')).toMatchObject({ bytes: NOTE.length, files: 1 });
    // It stays for half a minute, for who was slower than its tor; that is not waited for here.
    sender.interrupt();
    await sender.exits(0);
    expect(faultsOf(visitor, online.url)).toEqual([]);
  });

  test('is opened without a question by a link with the login in it, names no file at first, and receives', async ({
    stage,
    browse,
  }) => {
    const file = await stage.file('from/secret name', NOTE);
    const sender = await stage.start(['send', '--json', '--browser-link', file], { isBare: true });
    const { url, link = '' } = await sender.told('online');
    await using visitor = await Visitor.arrive({
      browser: await browse('safer'),
      directory: stage.path,
    });
    await visitor.open(link);
    expect(await visitor.page.evaluate(() => location.href)).toBe(url);
    expect(await visitor.text()).not.toContain('secret name');
    expect((await visitor.page.content()).includes('secret name')).toBe(false);
    await begin(visitor);
    await shown(visitor, '#offer');
    expect(await visitor.text()).toContain('secret name');
    const path = await download(visitor, () => pressOn(visitor, '#accept'));
    expect(await hashOf(path)).toBe(sha256(NOTE));
    await sender.exits(0);
    expect(faultsOf(visitor, url)).toEqual([]);
  });
});

/** What axe finds on the page as it is now, and a picture of it. */
async function looked({ page }: Visitor, name: string): Promise<string[]> {
  await screenshot(page, name);
  return await axeFindings(page);
}

async function choose({ page }: Visitor, path: string): Promise<void> {
  const field = await page.$('input#files');
  if (field === null) throw new Error('the page has no field for files');
  await field.uploadFile(path);
}
