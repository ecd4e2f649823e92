import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Folder } from '../../../src/disk/tree/folder.js';
import { openRootFolder } from '../../../src/disk/tree/real-folder.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

async function opened(): Promise<{ readonly root: string; readonly folder: Folder }> {
  const root = await temporaryDirectory();
  const folder = openRootFolder(root);
  if (folder === undefined) throw new Error(`${root} cannot be opened`);
  return { root, folder };
}

test('a file for which somebody puts a link after it was looked at is not opened', async () => {
  const elsewhere = join(await temporaryDirectory(), 'elsewhere');
  writeFileSync(elsewhere, 'precious');
  const { root, folder } = await opened();
  using swapped = folder;
  writeFileSync(join(root, 'a'), 'shared');
  const look = swapped.look.bind(swapped);
  swapped.look = (name) => {
    const found = look(name);
    rmSync(join(root, name));
    symlinkSync(elsewhere, join(root, name));
    return found;
  };
  expect(swapped.file('a')).toBeUndefined();
});

test('a link to a folder is not entered', async () => {
  const elsewhere = await temporaryDirectory();
  const { root, folder } = await opened();
  using linked = folder;
  mkdirSync(join(root, 'real'));
  symlinkSync(elsewhere, join(root, 'link'));
  using real = linked.folder('real');
  expect(real).toBeDefined();
  expect(linked.folder('link')).toBeUndefined();
});

test('a glance finds what a look finds, also after the folder was moved, and follows no link', async () => {
  const { root, folder } = await opened();
  mkdirSync(join(root, 'inner'));
  using inner = folder.folder('inner');
  if (inner === undefined) throw new Error('it was not opened');
  writeFileSync(join(root, 'inner', '100% of it'), 'content');
  writeFileSync(Buffer.from(`${join(root, 'inner')}/caf\xe9`, 'latin1'), 'latin');
  writeFileSync(join(root, 'inner', 'plain'), 'more content');
  mkdirSync(join(root, 'inner', 'folder'));
  symlinkSync('plain', join(root, 'inner', 'link'));
  renameSync(join(root, 'inner'), join(root, 'moved'));
  const glance = inner.glances();
  const names = await inner.readNames();
  expect(names).toEqual(inner.names());
  const sizes = names.map((name) => [name, glance(name)?.size]);
  expect(sizes).toEqual(names.map((name) => [name, inner.look(name)?.size]));
  expect(glance('plain')?.size).toBe(12n);
  expect([glance('link'), glance('../moved/plain'), glance('nothing')]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  const kinds = [...inner.kinds()].map(({ name, kind }) => `${kind} ${name}`);
  expect(kinds.sort()).toEqual([
    'file 100% of it',
    'file caf\uFFFD',
    'file plain',
    'folder folder',
  ]);
  folder[Symbol.dispose]();
});
