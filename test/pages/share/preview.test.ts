import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { textIn } from '../../../src/pages/share/preview.js';
import { PREVIEW_POLICY } from '../../../src/pages/share/preview-page.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask } from '../support/serving.js';
import { type Sharing, sharing } from './sharing.js';

const HTML = '<!doctype html><script>document.title = "ran"</script><img src=x onerror=alert(1)>';
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';

async function sharingFiles(
  files: Readonly<Record<string, string | Buffer>>,
  options = { hasPreviews: true },
): Promise<Sharing> {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  return await sharing([folder], options);
}

test('pictures and texts can be seen, and other files cannot', async () => {
  const { port } = await sharingFiles({ 'a.PNG': 'x', 'b.txt': 'x', 'c.svg': SVG, 'd.html': HTML });
  const list = (await ask(port, '/')).body.toString();
  expect([...list.matchAll(/href="(\/view\/[^"]*)"/g)].map(([, href]) => href)).toEqual([
    '/view/shared/a.PNG',
    '/view/shared/b.txt',
  ]);
  for (const path of ['c.svg', 'd.html', 'b.txt/', 'none.png', '%2e%2e/shared/a.PNG', '']) {
    expect((await ask(port, `/view/shared/${path}`)).status).toBe(404);
  }
});

test.each([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['gif', 'image/gif'],
  ['webp', 'image/webp'],
  ['avif', 'image/avif'],
])('a .%s file that is HTML is a broken picture, in which nothing can run', async (extension, type) => {
  const { port } = await sharingFiles({ [`x.${extension}`]: HTML });
  const { headers, body } = await ask(port, `/view/shared/x.${extension}`);
  expect(headers).toMatchObject({
    'content-type': type,
    'content-disposition': `inline; filename=x.${extension}`,
    'content-security-policy': "default-src 'none'; sandbox",
    'x-content-type-options': 'nosniff',
    'cross-origin-resource-policy': 'same-origin',
  });
  expect(body.toString()).toBe(HTML);
});

test('nothing in the policy of such a page lets a script run or leads elsewhere', () => {
  expect(PREVIEW_POLICY).toMatch(/^default-src 'none'/);
  expect(PREVIEW_POLICY).not.toMatch(/script|unsafe|http|allow-scripts|allow-popups|allow-forms/);
});

test('a text is shown as it is, whatever would mean something in HTML', async () => {
  const { port } = await sharingFiles({
    'x.txt': `</pre>${HTML}\u202edcba\u0000\n`,
    '<img src=x onerror=alert(1)>.md': 'x',
  });
  const { headers, body } = await ask(port, '/view/shared/x.txt');
  const page = body.toString();
  expect(headers['content-security-policy']).toBe(PREVIEW_POLICY);
  expect(page).toContain('&lt;/pre>&lt;!doctype html>&lt;script>');
  expect(page).toContain('\\u{202e}dcba\\u{0}\n</pre>');
  expect(page).not.toMatch(/<script|<img/);
  const named = await ask(
    port,
    `/view/shared/${encodeURIComponent('<img src=x onerror=alert(1)>.md')}`,
  );
  expect(named.status).toBe(200);
  expect(named.body.toString()).not.toContain('<img');
});

test('a text is read in the encoding that it is in', () => {
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from('Grüße', 'utf16le')]);
  expect(textIn(utf16)).toBe('Grüße');
  expect(textIn(Buffer.from('\uFEFFGrüße'))).toBe('Grüße');
  expect(textIn(Buffer.from('Grüße', 'latin1'))).toBe('Grüße');
  expect(textIn(Buffer.from('a\r\nb\rc\td'))).toBe('a\nb\nc\td');
  // Persian and emoji need joiners.
  expect(textIn(Buffer.from('می\u200cخواهم 👩\u200d🚀'))).toBe('می\u200cخواهم 👩\u200d🚀');
});

test('what is too large to be looked at can only be downloaded', async () => {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  for (const name of ['long.txt', 'large.png']) await writeFile(join(folder, name), '');
  await truncate(join(folder, 'long.txt'), 256 * 1024 + 1);
  await truncate(join(folder, 'large.png'), 20 * 1024 * 1024 + 1);
  const { port } = await sharing([folder], { hasPreviews: true });
  expect((await ask(port, '/')).body.toString()).not.toContain('/view/');
  for (const path of ['view/shared/long.txt', 'view/shared/large.png']) {
    expect((await ask(port, `/${path}`)).status).toBe(404);
  }
});

test('what was seen counts as downloaded, and what was only asked about does not', async () => {
  const { port, told } = await sharingFiles({ 'a.png': 'picture', 'b.txt': 'text' });
  await ask(port, '/view/shared/a.png', { method: 'HEAD' });
  await ask(port, '/view/shared/b.txt', { method: 'HEAD' });
  await ask(port, '/view/shared/a.png');
  await ask(port, '/view/shared/b.txt');
  await expect.poll(() => told).toEqual(['shared/a.png', 'shared/b.txt']);
});

test('a share that lets nobody look has no such pages', async () => {
  const { port } = await sharingFiles({ 'a.png': 'x' }, { hasPreviews: false });
  expect((await ask(port, '/')).body.toString()).not.toContain('/view/');
  expect((await ask(port, '/view/shared/a.png')).status).toBe(404);
});
