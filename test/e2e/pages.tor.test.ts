import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, inject } from 'vitest';
import { en } from '../../src/pages/words/en.js';
import { sha256 } from '../support/carry.js';
import { leftBehind, namesBelow } from '../support/left-behind.js';
import { descendantsOf } from '../support/processes.js';
import { test as base, openStage } from '../support/stage.js';
import { startVisitor, type Visitor } from '../support/visitor.js';

const PASSWORD = 'any text: of mine';
const ENV = { ONIONFERRY_PASSWORD: PASSWORD };

const test = base.extend<{ visitor: Visitor }>({
  visitor: [
    // vitest reads the names of what a fixture needs from this parameter.
    async ({}, use) => {
      await using stage = await openStage();
      await using visitor = await startVisitor(stage.path, inject('torrc'));
      await use(visitor);
    },
    { scope: 'file' },
  ],
});

describe.concurrent('a share', () => {
  test('reports each download, and ends at its download limit', async ({ stage, visitor }) => {
    const content = randomBytes(500_000);
    const file = await stage.file('from/ärger 写真.bin', content);
    await stage.file('folder/inside.txt', 'inside');
    const args = ['share', file, '-d', stage.at('folder'), '--json', '--limit', '2'];
    const ferry = await stage.start(args, { env: ENV });
    const online = await ferry.told('online');
    expect(online.user).toBe('ferry');
    const first = await visitor.visit(online, '/');
    expect(first.status).toBe(200);
    expect(first.body.toString()).toContain('ärger 写真.bin');
    const path = '/files/%C3%A4rger%20%E5%86%99%E7%9C%9F.bin';
    const half = await visitor.visit(online, path, { headers: { range: 'bytes=0-249999' } });
    expect(half.status).toBe(206);
    const rest = await visitor.visit(online, path, {
      headers: { range: 'bytes=250000-', 'if-range': half.headers.etag ?? '' },
    });
    expect(Buffer.concat([half.body, rest.body])).toEqual(content);
    // Each request on the connection shows that what came before it has arrived.
    expect((await visitor.visit(online, '/files/folder/inside.txt')).body.toString()).toBe(
      'inside',
    );
    expect(await ferry.told('file')).toEqual({
      event: 'file',
      path: 'ärger 写真.bin',
      bytes: content.length,
    });
    const late = await visitor.visit(online, '/');
    expect(late.status).toBe(410);
    expect(late.body.toString()).toContain(en.errors['limit-reached'].title);
    expect(await ferry.told('done')).toMatchObject({ bytes: content.length + 6, files: 2 });
    await ferry.exits(0);
  });

  test('goes on after a download of which nothing was read, and the same file can be had again', async ({
    stage,
    visitor,
  }) => {
    // Tor and the circuit take as much at once.
    const content = randomBytes(300_000);
    const file = await stage.file('from/small.bin', content);
    const ferry = await stage.start(['share', file, '--json', '--limit', '1'], { env: ENV });
    const online = await ferry.told('online');
    // The second is asked for before the first is broken off: what is given up for some seconds
    // without anybody asking again counts.
    const first = await visitor.begin(online, '/files/small.bin');
    const again = await visitor.visit(online, '/files/small.bin', { onHead: first.breakOff });
    expect(again.body).toEqual(content);
    expect((await visitor.visit(online, '/')).status).toBe(410);
    // It waits for the first visitor to come back, and Ctrl-C only shortens that.
    await ferry.told('waiting');
    expect((await visitor.visit(online, '/files/small.bin')).status).toBe(200);
    // What has arrived is counted then, and what was broken off never.
    expect((await visitor.visit(online, '/')).status).toBe(410);
    const counted = new Set<object>();
    await ferry.told('file', (file) => counted.add(file).size === 2);
    ferry.interrupt();
    await ferry.exits(0);
    expect(await ferry.told('done')).toMatchObject({ files: 2 });
  });

  test('that nobody downloads ends at its expiry as a failure of the other side', async ({
    stage,
  }) => {
    const file = await stage.file('from/note', 'x');
    const ferry = await stage.start(['share', file, '--json', '--expires', '1s'], { env: ENV });
    await ferry.exits(5);
    expect((await ferry.told('error')).code).toBe('ERR_TIMEOUT');
  });

  test('of a missing file ends before Tor is used', async ({ stage }) => {
    const ferry = await stage.start(['share', stage.at('nothing'), '--json'], { env: ENV });
    await ferry.exits(1);
    expect(ferry.events).toEqual([expect.objectContaining({ event: 'error', code: 'ERR_SOURCE' })]);
  });
});

describe.concurrent('an inbox', () => {
  test('prints its address and login, and reports each file', async ({ stage, visitor }) => {
    const home = stage.home();
    const args = ['inbox', stage.at('in'), '--json', '-u', 'friend'];
    const ferry = await stage.start(args, { home, env: ENV });
    const online = await ferry.told('online');
    const { onion } = online;
    expect(online).toEqual({
      event: 'online',
      onion,
      url: `http://${onion}/`,
      user: 'friend',
      password: PASSWORD,
      invitation: `http://friend:any%20text%3A%20of%20mine@${onion}/`,
    });
    const content = randomBytes(300_000);
    const upload = await visitor.visit(online, '/', form('a.bin', content));
    expect(upload.status).toBe(303);
    expect(await ferry.told('file')).toEqual({
      event: 'file',
      path: 'a.bin',
      bytes: content.length,
      sha256: sha256(content),
      upload: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
    });
    expect(await readFile(stage.at('in/a.bin'))).toEqual(content);
    const wrong = { ...online, password: 'x' };
    const stranger = await visitor.visit(wrong, '/', form('b', Buffer.from('b')));
    expect(stranger.status).toBe(401);
    expect(await namesBelow(stage.at('in'))).toEqual(['a.bin']);

    const children = await descendantsOf(ferry.pid);
    ferry.interrupt();
    await ferry.exits(130);
    expect(await leftBehind(home, children)).toEqual([]);
  });

  test('accepts no more than it was told to', async ({ stage, visitor }) => {
    const limits = ['--max-file', '1kB', '--refuse', 'exe,bat'];
    const ferry = await stage.start(['inbox', stage.at('in'), '--json', ...limits], { env: ENV });
    const online = await ferry.told('online');
    const large = await visitor.visit(online, '/', form('a', randomBytes(1001)));
    const kind = await visitor.visit(online, '/', form('a.EXE', randomBytes(10)));
    expect([large.status, kind.status]).toEqual([413, 415]);
    expect(await namesBelow(stage.at('in'))).toEqual([]);
  });

  test('does not use an address that is in use, and names its holder', async ({ stage }) => {
    const home = stage.home();
    const first = await stage.start(['inbox', stage.at('in'), '--json'], { home });
    await first.told('online');
    const second = await stage.start(['site', stage.path, '--json'], { home });
    await second.exits(1);
    const error = await second.told('error');
    expect(error.code).toBe('ERR_IDENTITY_BUSY');
    expect(error.message).toContain('in use by inbox');
  });

  test('ends at its expiry, after the last visitor and a page that says so', async ({
    stage,
    visitor,
  }) => {
    const args = ['inbox', stage.at('in'), '--json', '--expires', '1s'];
    const ferry = await stage.start(args, { env: ENV });
    const online = await ferry.told('online');
    expect(await ferry.told('done')).toMatchObject({ bytes: 0, files: 0 });
    const late = await visitor.visit(online, '/');
    expect(late.status).toBe(410);
    expect(late.body.toString()).toContain(en.errors.expired.title);
    await ferry.exits(0);
  });
});

test('a site is shown with the policy that was asked for', async ({ stage, visitor }) => {
  await stage.file('site/index.html', '<p>welcome');
  await stage.file('site/more/a.txt', 'more');
  const policy = "default-src 'self' 'unsafe-inline'";
  const ferry = await stage.start(['site', stage.at('site'), '--json', '--csp', policy], {
    env: ENV,
  });
  const online = await ferry.told('online');
  const page = await visitor.visit(online, '/');
  expect([page.status, page.body.toString()]).toEqual([200, '<p>welcome']);
  expect(page.headers['content-security-policy']).toBe(policy);
  const list = await visitor.visit(online, '/more/');
  expect(list.body.toString()).toContain('a.txt');
  expect(list.headers['content-security-policy']).not.toBe(policy);
  ferry.interrupt();
  await ferry.exits(130);
});

function form(
  name: string,
  content: Buffer,
): { method: string; headers: Record<string, string>; body: Buffer } {
  const head = `--x\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), content, Buffer.from('\r\n--x--\r\n')]);
  return { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body };
}
