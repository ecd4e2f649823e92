import { readdir } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { UploadRefusal } from '../../../src/pages/inbox/upload-refusal.js';
import { UploadTree } from '../../../src/pages/inbox/upload-tree.js';
import { contentsOf, file, runningInbox, upload } from './running-inbox.js';

test.each([
  '../up',
  '..',
  '.',
  'a/../../up',
  'a/./b',
  '/etc/passwd',
  'a//b',
  'a/',
  'nul\0byte',
  `${'d/'.repeat(500)}deep`,
  'long'.repeat(1000),
])('an upload with the name %j is refused whole, and nothing is written', async (name) => {
  const running = await runningInbox();
  const reply = await upload(running, file('good'), file(name, 'bad'));
  expect(reply.status).toBe(400);
  expect(reply.text).toContain('cannot be used as a file name');
  expect(await readdir(running.directory)).toEqual([]);
});

test.each([
  ['.bashrc', '_.bashrc'],
  ['.ssh/authorized_keys', '_.ssh/authorized_keys'],
  ['.onionferry-inbox-0123456789ab.part/lock', '_.onionferry-inbox-0123456789ab.part/lock'],
  ['album/.hidden', 'album/.hidden'],
  ['exe.\u202Egpj', 'exe._gpj'],
  ['a\u200B\u00ADb.txt', 'a__b.txt'],
  ['bell\u0007 and \u001b[2J', 'bell_ and _[2J'],
  ['say %22hi%22.txt', 'say "hi".txt'],
  ['line%0D%0Abreak', 'line%0D%0Abreak'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['日本語 נמל 👩‍👩‍👧.txt', '日本語 נמל 👩‍👩‍👧.txt'],
  ['back\\slash', 'back\\slash'],
])('the name %j is saved as %j', async (name, here) => {
  const running = await runningInbox();
  const reply = await upload(running, file(name, 'content'));
  expect(reply.status).toBe(200);
  expect(await contentsOf(running.directory)).toEqual({ [here]: 'content' });
  expect(reply.text).not.toMatch(/<img|[\u0007\u001b\u202E\u200B]/);
  expect(running.received[0]?.path).not.toMatch(/[\u0007\u001b\u202E\u200B]/);
});

test('a name too long for a file system is shortened, and keeps its extension', async () => {
  const running = await runningInbox();
  await upload(running, file(`${'ü'.repeat(300)}.tar`, ''));
  const [name = ''] = await readdir(running.directory);
  expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
  expect(name).toMatch(/^ü+\.tar$/);
});

test('no name leaves the upload’s folder or collides with another', () => {
  const step = fc.oneof(
    fc.constantFrom('..', '.', 'a', 'A', '\\', '...', '\u202E..', 'C:', 'con', '%22'),
    fc.string({ minLength: 1, unit: 'binary' }),
  );
  const path = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => steps.join('/'));
  fc.assert(
    fc.property(fc.array(path, { maxLength: 8 }), (paths) => {
      for (const platform of ['linux', 'win32', 'darwin'] as const) {
        const tree = new UploadTree(platform);
        const placed: string[] = [];
        const folders = new Set<string>();
        for (const sent of paths) {
          try {
            const { path: names, newFolders } = tree.assign(sent);
            for (const name of names) expect(name).not.toMatch(/^\.{0,2}$|[/\0]/);
            expect(names[0]).not.toMatch(/^\./);
            placed.push(names.join('/'));
            for (const folder of newFolders) folders.add(folder.join('/'));
            const parent = names.slice(0, -1).join('/');
            expect(parent === '' || folders.has(parent)).toBe(true);
          } catch (error) {
            expect(error).toBeInstanceOf(UploadRefusal);
          }
        }
        expect(new Set([...placed, ...folders]).size).toBe(placed.length + folders.size);
      }
    }),
  );
});
