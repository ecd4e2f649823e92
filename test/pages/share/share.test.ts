import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { en } from '../../../src/pages/words/en.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask, open } from '../support/serving.js';
import { links, sharedFolder } from './shared-folder.js';
import { sharing } from './sharing.js';

test('the start page of one folder lists it and links to an archive of it', async () => {
  const folder = await sharedFolder();
  const { port } = await sharing([folder]);
  const reply = await ask(port, '/');
  expect(reply.status).toBe(200);
  expect(links(reply)).toEqual([
    '/files/shared/inner/',
    '/files/shared/.hidden',
    '/files/shared/hello.txt',
  ]);
  const page = reply.body.toString();
  expect(page).toContain('<h1><bdi>shared</bdi></h1>');
  expect(page).toContain('3 files, 36 B');
  expect(page).toContain('href="/zip/shared.zip"');
  expect(page).not.toContain('class="trail"');
  const inner = await ask(port, '/files/shared/inner/');
  expect(links(inner)).toEqual(['/files/shared/inner/empty/', '/files/shared/inner/page.html']);
  expect(inner.body.toString()).toContain('<a href="/"><bdi>shared</bdi></a>');
  const empty = await ask(port, '/files/shared/inner/empty/');
  expect(empty.body.toString()).toContain(en.share.empty);
  expect(empty.body.toString()).toContain('<a href="/files/shared/inner/"><bdi>inner</bdi></a>');
});

test('several shared things are listed, each under a name of its own', async () => {
  const folder = await sharedFolder();
  const other = await sharedFolder();
  const { port } = await sharing([folder, join(other, 'hello.txt'), other, folder]);
  const reply = await ask(port, '/');
  expect(links(reply)).toEqual(['/files/shared/', '/files/shared%20(2)/', '/files/hello.txt']);
  expect(reply.body.toString()).toContain('href="/everything.zip"');
  expect((await ask(port, '/files/shared%20(2)/hello.txt')).body.toString()).toBe('hello');
});

test('one file needs no archive', async () => {
  const { port } = await sharing([join(await sharedFolder(), 'hello.txt')]);
  const reply = await ask(port, '/');
  expect(links(reply)).toEqual(['/files/hello.txt']);
  expect(reply.body.toString()).not.toContain('.zip');
  expect(reply.body.toString()).toContain('class="button strong" href="/files/hello.txt"');
});

test('files that are added to a shared folder appear, and removed ones disappear', async () => {
  const folder = await sharedFolder();
  const { port } = await sharing([folder]);
  await writeFile(join(folder, 'new.txt'), 'new');
  await rm(join(folder, 'hello.txt'));
  expect(links(await ask(port, '/'))).toEqual([
    '/files/shared/inner/',
    '/files/shared/.hidden',
    '/files/shared/new.txt',
  ]);
  expect((await ask(port, '/files/shared/new.txt')).body.toString()).toBe('new');
  expect((await ask(port, '/files/shared/hello.txt')).status).toBe(404);
});

test('a folder without a slash redirects to the one with it, and a file with a slash is not found', async () => {
  const { port } = await sharing([await sharedFolder()]);
  const folder = await ask(port, '/files/shared/inner');
  expect([folder.status, folder.headers.location]).toEqual([302, '/files/shared/inner/']);
  expect((await ask(port, '/files/shared/hello.txt/')).status).toBe(404);
});

test('a folder of many files is split into pages', async () => {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  await Promise.all(
    Array.from({ length: 1203 }, (_, number) => writeFile(join(folder, `file ${number}`), 'x')),
  );
  const { port } = await sharing([folder]);
  const pages = await Promise.all([1, 2, 3].map((page) => ask(port, `/?page=${page}`)));
  expect(pages.map((page) => links(page).length)).toEqual([500, 500, 203]);
  expect(links(pages[2]!).at(-1)).toBe('/files/shared/file%201202');
  expect(pages[1]!.body.toString()).toContain('aria-label="Page 2 of 3" aria-current="page"');
  expect(pages[1]!.body.toString()).toContain('1,203 files, 1.2 kB');
  expect((await ask(port, '/?page=4')).status).toBe(404);
});

test('a log that grows while it is fetched is served as long as it was, on request', async () => {
  const log = join(await temporaryDirectory(), 'log');
  // More than two sockets and their buffers hold.
  const before = randomBytes(16 * 1024 * 1024);
  await writeFile(log, before);
  const { port, warnings } = await sharing([log], { mayGrow: true });
  const response = await open(port, '/files/log');
  const pieces: Buffer[] = [];
  response.on('data', (piece: Buffer) => pieces.push(piece));
  await once(response, 'data');
  await appendFile(log, 'a new line');
  await once(response, 'end');
  expect(Buffer.concat(pieces).equals(before)).toBe(true);
  const again = await ask(port, '/files/log', { headers: { range: 'bytes=-10' } });
  expect(again.body.toString()).toBe('a new line');
  expect(warnings).toEqual([]);
});
