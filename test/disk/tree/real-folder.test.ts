import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
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
