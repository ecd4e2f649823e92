import { createHash, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RANGE_MAX_BYTES, UNIT_BYTES } from '../../../src/pages/parallel/limits.js';
import { en } from '../../../src/pages/words/en.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ORIGIN, OTHER, runningSiblings, SIBLING } from './running-siblings.js';

const CONTENT = randomBytes(UNIT_BYTES + 1000);
const NO_LIMIT = { silentMs: 0, againMs: 0 };

async function file(content: Buffer = CONTENT): Promise<string> {
  const path = join(await temporaryDirectory(), 'a b.bin');
  await writeFile(path, content);
  return path;
}

const PATH = '/files/a%20b.bin';

function range(start: number, end: number): { headers: Record<string, string> } {
  return { headers: { range: `bytes=${start}-${end - 1}` } };
}

test('a sibling answers with a part to whoever shows a ticket, and only pages of the share may read it', async () => {
  const { plan, sibling } = await runningSiblings([await file()]);
  const { ticket, bytes, origins } = await plan(PATH);
  expect({ bytes, origins }).toEqual({ bytes: CONTENT.length, origins: [SIBLING] });
  // Tor Browser says that a request from an onion comes from nowhere.
  const { status, headers, body } = await sibling(`/${ticket}`, {
    headers: { ...range(10, 2000).headers, origin: 'null' },
  });
  expect(status).toBe(206);
  expect(body.equals(CONTENT.subarray(10, 2000))).toBe(true);
  expect(headers).toMatchObject({
    'access-control-allow-origin': ORIGIN,
    vary: 'Origin',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  for (const name of ['etag', 'last-modified', 'content-disposition', 'set-cookie']) {
    expect(headers).not.toHaveProperty(name);
  }
});

test('a sibling has nothing for anybody else, and nothing but parts', async () => {
  const { plan, page, sibling } = await runningSiblings([await file()]);
  const { ticket } = await plan(PATH);
  for (const path of [
    '/',
    PATH,
    '/parallel/ready',
    `/parallel/range/${ticket}`,
    `/x${ticket}`,
    '/favicon.ico',
  ]) {
    const { status, headers, body } = await sibling(path, range(0, 10));
    expect([path, status, body.length]).toEqual([path, 404, 0]);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(headers).not.toHaveProperty('www-authenticate');
  }
  for (const method of ['HEAD', 'POST', 'OPTIONS']) {
    expect((await sibling(`/${ticket}`, { method, ...range(0, 10) })).status).toBe(404);
  }
  expect((await sibling(`/${ticket}`)).status).toBe(416);
  expect((await sibling(`/${ticket}`, range(0, CONTENT.length * 2))).status).toBe(206);
  expect((await sibling(`/${ticket}`, range(CONTENT.length, CONTENT.length + 1))).status).toBe(416);
  const bare = await page(`/parallel/range/${ticket}`, { credentials: undefined, ...range(0, 10) });
  expect(bare.status).toBe(401);
});

test('a part longer than a page asks for is refused', async () => {
  const { plan, sibling } = await runningSiblings([await file(Buffer.alloc(RANGE_MAX_BYTES + 1))]);
  const { ticket } = await plan(PATH);
  expect((await sibling(`/${ticket}`, range(0, RANGE_MAX_BYTES + 1))).status).toBe(416);
});

test('a ticket is good for one version: when the file changes, parts and checksums are refused', async () => {
  const path = await file();
  const { plan, page, sibling } = await runningSiblings([path]);
  const before = await plan(PATH);
  await writeFile(path, Buffer.concat([CONTENT, CONTENT]));
  const refused = await sibling(`/${before.ticket}`, range(0, 10));
  expect(refused.status).toBe(412);
  expect(refused.headers['access-control-allow-origin']).toBe(ORIGIN);
  expect((await page(`/parallel/digests/${before.ticket}`)).status).toBe(412);
  const after = await plan(PATH, `?ticket=${before.ticket}`);
  expect(after.version).not.toBe(before.version);
  expect((await sibling(`/${after.ticket}`, range(0, 10))).status).toBe(206);
});

test('the checksums are those of the whole and of each unit', async () => {
  const { plan, page } = await runningSiblings([await file()]);
  const { ticket } = await plan(PATH);
  const { text } = await page(`/parallel/digests/${ticket}`);
  const hash = (content: Buffer): Buffer => createHash('sha256').update(content).digest();
  expect(JSON.parse(text)).toEqual({
    sha256: hash(CONTENT).toString('hex'),
    units: Buffer.concat([
      hash(CONTENT.subarray(0, UNIT_BYTES)),
      hash(CONTENT.subarray(UNIT_BYTES)),
    ]).toString('base64'),
  });
});

test('an archive is put together from parts, and refused when something in it has changed', async () => {
  const folder = join(await temporaryDirectory(), 'folder');
  await mkdir(folder);
  await writeFile(join(folder, 'one'), CONTENT);
  const { plan, page, sibling } = await runningSiblings([folder]);
  const whole = (await page('/zip/folder.zip')).body;
  const { ticket, bytes } = await plan('/zip/folder.zip');
  expect(bytes).toBe(whole.length);
  const parts = [
    await sibling(`/${ticket}`, range(0, 1000)),
    await sibling(`/${ticket}`, range(1000, bytes)),
  ];
  expect(Buffer.concat(parts.map(({ body }) => body)).equals(whole)).toBe(true);
  await writeFile(join(folder, 'one'), 'other');
  // What is written of a file that has changed is cut off, and looked at anew.
  await sibling(`/${ticket}`, range(0, bytes)).catch(() => undefined);
  expect((await sibling(`/${ticket}`, range(0, bytes))).status).toBe(412);
});

test('parts of one download count once when all were sent and its page says so', async () => {
  const running = await runningSiblings([await file()], { limit: 1 });
  const { plan, sibling, page, downloads, told } = running;
  const { ticket } = await plan(PATH);
  const { ticket: other } = await plan(PATH);
  await page(`/parallel/received/${ticket}`, { method: 'POST' });
  expect(told).toEqual([]);
  await sibling(`/${ticket}`, range(0, 1000));
  await page(`/parallel/received/${ticket}`, { method: 'POST' });
  // Copies of what was sent before, and parts for another download.
  await sibling(`/${ticket}`, range(0, 2000));
  await page(`/parallel/range/${ticket}`, range(500, 3000));
  await sibling(`/${other}`, range(3000, CONTENT.length));
  expect(told).toEqual([]);
  expect(downloads.isSettled).toBe(false);
  await sibling(`/${ticket}`, range(3000, CONTENT.length));
  // What is sent counts for those who come now; who has begun may go on.
  expect((await page(`/parallel/plan${PATH}`)).status).toBe(410);
  expect((await sibling(`/${ticket}`, range(0, 10))).status).toBe(206);
  expect((await sibling(`/${other}`, range(0, 10))).status).toBe(206);
  expect(downloads.usedUp.aborted).toBe(false);
  await page(`/parallel/received/${ticket}`, { method: 'POST' });
  expect(told).toEqual(['a b.bin']);
  expect(downloads.usedUp.aborted).toBe(true);
});

test('a download whose page says nothing counts when nobody asks for more of it', async () => {
  const counted: string[] = [];
  let count: () => void = () => undefined;
  const isCounted = new Promise<void>((resolve) => {
    count = resolve;
  });
  const { plan, sibling, downloads } = await runningSiblings([await file()], {
    times: NO_LIMIT,
    onDownload: ({ name }) => {
      counted.push(name);
      count();
    },
  });
  const { ticket } = await plan(PATH);
  await sibling(`/${ticket}`, range(0, CONTENT.length));
  await isCounted;
  expect(counted).toEqual(['a b.bin']);
  expect(downloads.isSettled).toBe(true);
});

test('a folder’s page links to what is worth several circuits, for a script to show', async () => {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'large'), Buffer.alloc(8 * 1024 * 1024));
  await writeFile(join(folder, 'small'), 'small');
  const { page } = await runningSiblings([join(folder, 'large'), join(folder, 'small')]);
  const { text, headers } = await page('/');
  const links = [...text.matchAll(/<a [^>]*href="(\/parallel[^"]*)"[^>]*>/g)];
  expect(links.map(([, href]) => href)).toEqual([
    '/parallel/page/everything.zip#now',
    '/parallel/page/files/large#now',
  ]);
  for (const [link] of links) expect(link).toMatch(/ hidden[ >]/);
  expect(text).toContain('src="/parallel/listing.js"');
  // The script greets the siblings.
  expect(headers['content-security-policy']).toContain(`connect-src 'self' ${SIBLING} `);
});

test('siblings are wanted by whoever runs the script of such a page, and by nobody else', async () => {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'large'), Buffer.alloc(8 * 1024 * 1024));
  const running = await runningSiblings([folder]);
  await running.page('/');
  expect(running.wanted).toBe(0);
  const { status, headers } = await running.page('/parallel/listing.js');
  expect([status, headers['content-type']]).toEqual([200, 'text/javascript; charset=utf-8']);
  expect(running.wanted).toBe(1);
});

test('a page that knows all siblings online is answered when there is another one', async () => {
  const running = await runningSiblings([await file()]);
  const greeting = '/hello';
  const told = { origins: [SIBLING], siblings: 2, greeting };
  expect(JSON.parse((await running.page('/parallel/ready')).text)).toEqual(told);
  expect(JSON.parse((await running.page('/parallel/ready?known=0')).text)).toEqual(told);
  const waiting = running.page('/parallel/ready?known=1');
  // Answered after it.
  await running.page('/parallel/ready?known=0');
  running.bringUp(OTHER);
  expect(JSON.parse((await waiting).text)).toEqual({ ...told, origins: [SIBLING, OTHER] });
});

test('a sibling answers a greeting with nothing, and keeps the connection', async () => {
  const { sibling } = await runningSiblings([await file()]);
  const { status, headers, body } = await sibling('/hello');
  expect([status, body.length, headers.connection]).toEqual([204, 0, 'keep-alive']);
  expect(headers).not.toHaveProperty('access-control-allow-origin');
  expect((await sibling('/hello', { method: 'POST' })).status).toBe(404);
  expect((await sibling('/hello/')).status).toBe(404);
});

test('the page that fetches may connect to the siblings, and offers the plain download', async () => {
  const { page } = await runningSiblings([await file()]);
  const { text, headers } = await page(`/parallel/page${PATH}`);
  expect(headers['content-security-policy']).toContain(`connect-src 'self' ${SIBLING} ${OTHER};`);
  expect(text).toContain('href="/files/a%20b.bin"');
  expect(text).toContain(en.parallel.noScriptTitle);
  for (const path of [
    '/',
    '/files/a%20b.bin/',
    '/files/../a',
    '/zip/a%20b.bin.zip',
    '/files/none',
  ]) {
    expect([path, (await page(`/parallel/page${path}`)).status]).toEqual([path, 404]);
  }
});
