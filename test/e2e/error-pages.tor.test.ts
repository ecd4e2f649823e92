import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, inject } from 'vitest';
import { en } from '../../src/pages/words/en.js';
import { faultsOf } from '../support/browser/faults.js';
import { lookAt } from '../support/browser/looks.js';
import { screenshot } from '../support/browser/screenshot.js';
import { test as base } from '../support/browser/test.js';
import { Visitor } from '../support/browser/visitor.js';
import type { Printed } from '../support/ferry.js';
import { openStage, type Stage } from '../support/stage.js';

interface Shared {
  readonly stage: Stage;
  readonly online: Printed<'online'>;
}

const test = base.extend<{ shared: Shared }>({
  shared: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      const share = await stage.start(['share', '--json', await stage.file('from/note', 'a note')]);
      await use({ stage, online: await share.told('online') });
    },
    { scope: 'file' },
  ],
});

describe.for(['safest', 'standard'] as const)('at the level "%s", an error page', (level) => {
  test('says that the page does not exist, and links to the start page', async ({
    shared: { stage, online },
    browse,
  }) => {
    const browser = await browse(level);
    await using visitor = await Visitor.arrive({
      browser,
      directory: stage.path,
      credentials: online,
    });
    const response = await visitor.open(`${online.url}nowhere`);
    expect(response.status()).toBe(404);
    expect(await visitor.text()).toContain(en.errors['not-found'].sentence);
    await visitor.follow(en.errorBack);
    expect(visitor.page.url()).toBe(online.url);
    expect(await visitor.text()).toContain('note');
    expect(faultsOf(visitor, online.url)).toEqual([]);
  });
});

test('a wrong password leads to a page that reveals no file name', async ({
  shared: { stage, online },
  browse,
}) => {
  const credentials = { user: online.user, password: 'guessed' };
  const browser = await browse('standard');
  await using visitor = await Visitor.arrive({ browser, directory: stage.path, credentials });
  // Asked again, the visitor gives up.
  expect((await visitor.open(online.url)).status()).toBe(401);
  const text = await visitor.text();
  expect(text).toContain(en.login.title);
  expect(text).not.toContain('note');
  expect(faultsOf(visitor, online.url)).toEqual([]);
});

test.for([
  { kind: 'transfer', args: (file: string) => ['send', file] },
  { kind: 'relay', args: () => ['relay', '--ephemeral'] },
] as const)('who cancels the login of "$kind" reads what to type', async ({ kind, args }, {
  stage,
  browse,
}) => {
  const file = await stage.file('from/note', 'a note');
  const ferry = await stage.start([...args(file), '--json']);
  const { url, user } = await ferry.told('online');
  const options = { directory: stage.path, credentials: { user, password: 'guessed' } };
  const { password, hint } = en.login.kinds[kind];
  const wrong = await lookAt(`login-${kind}`, browse, options, async (visitor) => {
    expect((await visitor.open(url)).status()).toBe(401);
    const text = await visitor.text();
    for (const sentence of ['ferry', password, hint]) expect(text).toContain(sentence);
  });
  expect(wrong).toEqual([]);
});

test('a visitor who comes too late sees that the limit is reached', async ({ stage, browse }) => {
  const file = await stage.file('from/note', 'a note');
  const share = await stage.start(['share', '--json', '--limit', '1', file]);
  const online = await share.told('online');
  await using visitor = await Visitor.arrive({
    browser: await browse('safest'),
    directory: stage.path,
    credentials: online,
  });
  // It has half a minute from the end on, and by then it has a circuit.
  expect((await visitor.open(online.url)).status()).toBe(200);
  await take(`${online.url}files/note`, online);
  const status = async (): Promise<number> => (await visitor.open(online.url)).status();
  await expect.poll(status, { timeout: 120_000 }).toBe(410);
  expect(await visitor.text()).toContain(en.errors['limit-reached'].sentence);
  await screenshot(visitor.page, 'error-after--limit');
  expect(faultsOf(visitor, online.url)).toEqual([]);
});

test('the page fits desktop and phone, light and dark, and axe finds no fault', async ({
  shared: { stage, online },
  browse,
}) => {
  const options = { directory: stage.path, credentials: online };
  const open = async (visitor: Visitor): Promise<unknown> =>
    await visitor.open(`${online.url}nowhere`);
  expect(await lookAt('error-not-found', browse, options, open)).toEqual([]);
});

/** Downloads with curl, as somebody else. */
async function take(url: string, { user, password }: Printed<'online'>): Promise<void> {
  const socks = `127.0.0.1:${String(inject('socksPort'))}`;
  const curl = spawn('curl', ['-sSf', '-K', '-', '--socks5-hostname', socks, url]);
  curl.stdin.end(`user = "${user}:${password}"\n`);
  const [status] = (await once(curl, 'exit')) as [number];
  expect(status).toBe(0);
}
