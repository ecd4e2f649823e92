import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { en } from '../../../src/pages/words/en.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask } from '../support/serving.js';
import { links, sharedFolder } from './shared-folder.js';
import { sharing } from './sharing.js';

const run = promisify(execFile);

test('a shared HTML file is saved, and could not run scripts if it were shown', async () => {
  const { port } = await sharing([await sharedFolder()]);
  const { headers } = await ask(port, '/files/shared/inner/page.html');
  expect(headers['content-disposition']).toBe('attachment; filename=page.html');
  expect(headers['content-security-policy']).toBe("default-src 'none'; sandbox");
  expect(headers['x-content-type-options']).toBe('nosniff');
});

test.each([
  '/files/../secret',
  '/files/shared/../secret',
  '/files/shared/../../secret',
  '/files/shared/%2e%2e/secret',
  '/files/shared/..%2fsecret',
  '/files/shared/inner%2fpage.html',
  '/files/shared/inner//page.html',
  '/files//shared/hello.txt',
  '/files/shared/./hello.txt',
  '/files/shared/hello.txt%00',
  '/files/shared/hello.txt%00.png',
  '/files/shared/%252e%252e/secret',
  '/files/shared/%',
  '/files/shared/%ff',
  '/files/shared/%c0%ae%c0%ae/secret',
  '/files/secret',
  '/files/shared/inner/page.html/x',
  `/files/shared/${'a'.repeat(5000)}`,
  `/files/shared/${'a/'.repeat(3000)}`,
  '/zip/../secret.zip',
  '/zip/shared/%2e%2e.zip',
  '/zip/shared/hello.txt.zip',
  '/zip/.zip',
  '/zip/',
  '/zip/shared.zip/',
  '/zip/shared',
  '/everything.zip/',
  '/Files/shared/hello.txt',
  '/files/SHARED/hello.txt',
])('%s is not found', async (path) => {
  const { port } = await sharing([await sharedFolder()]);
  const reply = await ask(port, path);
  expect(reply.status).toBe(404);
  expect(reply.body.toString()).not.toContain('secret');
});

test.each([
  '?page=0',
  '?page=-1',
  '?page=x',
  '?page=1&page=2',
  `?page=${'9'.repeat(400)}`,
])('%s is refused as a page of a folder', async (query) => {
  const { port } = await sharing([await sharedFolder()]);
  expect((await ask(port, `/${query}`)).status).toBe(400);
});

test('symbolic links are neither listed nor followed', async () => {
  const folder = await sharedFolder();
  await symlink('../secret', join(folder, 'file-link'));
  await symlink('..', join(folder, 'folder-link'));
  await symlink('hello.txt', join(folder, 'inner-link'));
  const { port } = await sharing([folder]);
  const page = await ask(port, '/');
  expect(links(page)).not.toContain(expect.stringContaining('link'));
  expect(page.body.toString()).toContain(en.share.leftOut(3));
  // Visitors are told what they do not get.
  expect(page.body.toString()).toContain('<bdi>folder-link</bdi>: a symbolic link');
  for (const path of [
    'file-link',
    'folder-link/',
    'folder-link/secret',
    'folder-link/shared/hello.txt',
    'inner-link',
  ]) {
    expect((await ask(port, `/files/shared/${path}`)).status).toBe(404);
  }
  expect((await ask(port, '/zip/shared/folder-link.zip')).status).toBe(404);
  expect((await ask(port, '/zip/shared.zip')).body.includes('link')).toBe(false);
});

test('a symbolic link that the user shared by name is followed', async () => {
  const folder = await sharedFolder();
  const link = join(await temporaryDirectory(), 'link');
  await symlink(folder, link);
  const { port } = await sharing([link]);
  expect((await ask(port, '/files/link/hello.txt')).body.toString()).toBe('hello');
});

test('pipes, sockets and devices are not served and delay nobody', async () => {
  const folder = await sharedFolder();
  await run('mkfifo', [join(folder, 'pipe')]);
  const server = createServer();
  await once(server.listen(join(folder, 'socket')), 'listening');
  onTestFinished(() => {
    server.close();
  });
  const { port } = await sharing([folder, '/dev']);
  for (const name of ['shared/pipe', 'shared/socket', 'dev/zero', 'dev/tty']) {
    expect((await ask(port, `/files/${name}`)).status).toBe(404);
  }
  expect((await ask(port, '/zip/shared.zip')).whole).toBe(true);
});

test('names are shown without hidden characters or markup, and still link to their files', async () => {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  const names = [
    'a\u202egpj.exe',
    'line\nfeed',
    '<img src=x onerror=alert(1)>',
    `"quotes' & more`,
    'zero\u200bwidth',
    'back\\slash',
    '%2e%2e',
    '100%',
    '?query#hash',
    'Ünïcödé 報告',
    '\u001b[31mred',
  ];
  for (const name of names) await writeFile(join(folder, name), name);
  const { port } = await sharing([folder]);
  const reply = await ask(port, '/');
  const page = reply.body.toString();
  expect(page).not.toMatch(/[\u202e\u200b\u001b]|<img/);
  const found = await Promise.all(
    links(reply).map(async (href) =>
      (await ask(port, href.replaceAll('&amp;', '&'))).body.toString(),
    ),
  );
  expect(found.sort()).toEqual([...names].sort());
});

test('a name that is not UTF-8 is shown with %, and its file can be downloaded', async () => {
  const folder = await sharedFolder();
  await writeFile(Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0xfe])]), 'raw');
  const { port } = await sharing([folder]);
  const page = await ask(port, '/');
  expect(links(page)).toHaveLength(4);
  expect(page.body.toString()).toContain('<bdi>%FF%FE</bdi>');
  expect((await ask(port, '/files/shared/%25FF%25FE')).body.toString()).toBe('raw');
  expect((await ask(port, '/zip/shared.zip')).whole).toBe(true);
});

test('a time beyond all calendars breaks nothing', async () => {
  const folder = await sharedFolder();
  await utimes(join(folder, 'hello.txt'), 8e9, 8e9);
  await utimes(join(folder, '.hidden'), '-8e8', '-8e8');
  const { port } = await sharing([folder]);
  expect(links(await ask(port, '/'))).toHaveLength(3);
  expect((await ask(port, '/files/shared/hello.txt')).body.toString()).toBe('hello');
  expect((await ask(port, '/zip/shared.zip')).whole).toBe(true);
});
