import { createHash } from 'node:crypto';
import { lstat, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { en } from '../../../src/pages/words/en.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask } from '../support/running-web.js';
import { contentsOf, file, form, note, runningInbox, upload } from './running-inbox.js';

const sha256 = (content: string | Buffer): string =>
  createHash('sha256').update(content).digest('hex');

describe('an upload', () => {
  test('saves many files, and reports each with its length and hash', async () => {
    const running = await runningInbox();
    const large = Buffer.alloc(3_000_000, 'large ');
    const reply = await upload(
      running,
      file('a.txt', 'first'),
      file('empty', ''),
      file('large.bin', large),
    );
    expect(reply.status).toBe(200);
    expect(reply.text).toContain(en.inbox.received.title);
    for (const content of ['first', '', large]) expect(reply.text).toContain(sha256(content));
    expect(reply.text).toContain('3.0 MB');
    expect(await contentsOf(running.directory)).toEqual({
      'a.txt': 'first',
      empty: '',
      'large.bin': large.toString(),
    });
    expect(running.received).toEqual([
      { path: 'a.txt', bytes: 5, sha256: sha256('first') },
      { path: 'empty', bytes: 0, sha256: sha256('') },
      { path: 'large.bin', bytes: large.length, sha256: sha256(large) },
    ]);
  });

  test('leaves nothing but the files: no staging folder, no permission to execute', async () => {
    const running = await runningInbox();
    await upload(running, file('run.sh', '#!/bin/sh'));
    expect(await readdir(running.directory)).toEqual(['run.sh']);
    const { mode } = await stat(join(running.directory, 'run.sh'));
    expect(mode & 0o111).toBe(0);
  });

  test('saves folders as they were, next to one of the same name', async () => {
    const running = await runningInbox();
    const parts = [file('album/a.jpg', 'a'), file('album/more/b.jpg', 'b'), file('c.jpg', 'c')];
    await upload(running, ...parts);
    await upload(running, ...parts);
    expect(await contentsOf(running.directory)).toEqual({
      'album/a.jpg': 'a',
      'album/more/b.jpg': 'b',
      'c.jpg': 'c',
      'album (1)/a.jpg': 'a',
      'album (1)/more/b.jpg': 'b',
      'c (1).jpg': 'c',
    });
  });

  test('keeps files of the same path apart, and a file from a folder', async () => {
    const running = await runningInbox();
    const paths = ['x', 'x', 'x/y', 'x', 'x/y'];
    await upload(running, ...paths.map((path, index) => file(path, String(index))));
    const contents = await contentsOf(running.directory);
    expect(Object.values(contents).sort()).toEqual(['0', '1', '2', '3', '4']);
    expect(Object.keys(contents).filter((path) => path.includes('/'))).toHaveLength(2);
  });

  test('never overwrites, and does not reveal to its sender what was there before', async () => {
    const running = await runningInbox();
    await writeFile(join(running.directory, 'plan.pdf'), 'mine');
    const reply = await upload(running, file('plan.pdf', 'theirs'));
    expect(await contentsOf(running.directory)).toEqual({
      'plan.pdf': 'mine',
      'plan (1).pdf': 'theirs',
    });
    expect(reply.text).toContain('plan.pdf');
    expect(reply.text).not.toContain('(1)');
    expect(running.received[0]?.path).toBe('plan (1).pdf');
  });

  test('saves a note, alone or with files', async () => {
    const running = await runningInbox();
    await upload(running, note('grüße\r\nfrom afar'));
    await upload(running, file('a', 'a'), note('  '));
    await upload(running, note('again'), file('b', 'b'));
    expect(await contentsOf(running.directory)).toEqual({
      'note.txt': 'grüße\nfrom afar',
      'note (1).txt': 'again',
      a: 'a',
      b: 'b',
    });
  });

  test('of nothing is refused: fields without a chosen file do not count', async () => {
    const running = await runningInbox();
    const reply = await upload(running, file('', ''), note(''));
    expect(reply.status).toBe(400);
    expect(reply.text).toContain(en.inbox.refused['empty-form']);
    expect(await readdir(running.directory)).toEqual([]);
  });

  test('that is cut off but ends as valid HTTP is not saved', async () => {
    const running = await runningInbox();
    const { headers, body } = form(file('a', 'a'), file('b', 'b'.repeat(200_000)));
    const cut = body.subarray(0, -1000);
    const reply = await ask(running.web, '/', { method: 'POST', headers, body: cut });
    expect(reply.status).toBe(400);
    expect(reply.text).toContain(en.inbox.refused.title['broken-form']);
    expect(await readdir(running.directory)).toEqual([]);
  });

  test.each([
    ['no form at all', 'application/octet-stream'],
    ['a form without a boundary', 'multipart/form-data'],
    ['a form whose boundary never comes', 'multipart/form-data; boundary=y'],
    ['a boundary of endless length', `multipart/form-data; boundary=${'y'.repeat(500)}`],
  ])('is refused as broken: %s', async (_, type) => {
    const running = await runningInbox();
    const headers = { 'content-type': type };
    const reply = await ask(running.web, '/', { method: 'POST', headers, body: 'x' });
    expect(reply.status).toBe(400);
    expect(await readdir(running.directory)).toEqual([]);
  });

  test('is refused with fields that the page does not have', async () => {
    const running = await runningInbox();
    const reply = await upload(running, { field: 'constructor', value: 'x' }, file('a'));
    expect(reply.status).toBe(400);
    expect(await readdir(running.directory)).toEqual([]);
  });

  test('does not follow symbolic links in the inbox', async () => {
    const running = await runningInbox();
    const elsewhere = await temporaryDirectory();
    await symlink(join(elsewhere, 'target'), join(running.directory, 'file'));
    await symlink(elsewhere, join(running.directory, 'folder'));
    await upload(running, file('file', 'a'), file('folder/b', 'b'));
    expect(await readdir(elsewhere)).toEqual([]);
    expect((await lstat(join(running.directory, 'file'))).isSymbolicLink()).toBe(true);
    expect(await contentsOf(running.directory)).toMatchObject({
      'file (1)': 'a',
      'folder (1)/b': 'b',
    });
  });
});

test('an inbox cannot be opened without a folder', async () => {
  const nowhere = join(await temporaryDirectory(), 'nowhere');
  await expect(runningInbox({ directory: nowhere })).rejects.toMatchObject({
    code: 'ERR_DESTINATION',
    message: expect.stringContaining('there is no such folder') as string,
  });
});
