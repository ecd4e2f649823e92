import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findHidden } from '../../../src/disk/tree/find-hidden.js';
import { sharedTree } from '../../../src/disk/tree/shared-tree.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const refused = expect.objectContaining({ code: 'ERR_SOURCE' }) as Error;

test('a file that says 0 bytes and holds more is not shared as an empty one', () => {
  expect(() => sharedTree(['/proc/version'])).toThrow(refused);
  // Elsewhere in a shared folder such files are not shown.
  using folder = sharedTree(['/proc/sys/kernel/random']).folder(['random']);
  expect(folder?.names()).toContain('boot_id');
  expect(folder?.look('boot_id')).toBeUndefined();
});

test('what is hidden in a shared tree can be named, with the reason', async () => {
  const root = await temporaryDirectory();
  await mkdir(join(root, 'p/d'), { recursive: true });
  await writeFile(join(root, 'p/a'), '');
  await symlink('a', join(root, 'p/link'));
  execFileSync('mkfifo', [join(root, 'p/d/pipe')]);
  const { signal } = new AbortController();
  expect(await findHidden(sharedTree([join(root, 'p')]), signal)).toEqual([
    { path: 'p/d/pipe', why: 'special' },
    { path: 'p/link', why: 'link' },
  ]);
});

test('what cannot be read of what was named is left out on request only', async () => {
  const root = await temporaryDirectory();
  await writeFile(join(root, 'a'), '');
  const paths = [join(root, 'a'), '/proc/version'];
  expect(() => sharedTree(paths)).toThrow(refused);
  using top = sharedTree(paths, { skipUnreadable: true }).folder([]);
  expect(top?.names()).toEqual(['a']);
});

test('of two folders with the same name, what is left out is left out of both', async () => {
  const root = await temporaryDirectory();
  for (const parent of ['a', 'b']) {
    await mkdir(join(root, parent, 'src'), { recursive: true });
    await writeFile(join(root, parent, 'src/secret.txt'), '');
    await writeFile(join(root, parent, 'src/open.txt'), '');
  }
  const exclude = { patterns: ['src/secret.txt'], gitIgnore: false };
  const tree = sharedTree([join(root, 'a/src'), join(root, 'b/src')], { exclude });
  for (const name of ['src', 'src (2)']) {
    using folder = tree.folder([name]);
    expect(folder?.names()).toEqual(['open.txt']);
    expect(tree.file([name, 'secret.txt'])).toBeUndefined();
  }
});

test('rules that cannot be read leave out everything, rather than nothing', async () => {
  const root = await temporaryDirectory();
  await mkdir(join(root, 'p/d'), { recursive: true });
  await writeFile(join(root, 'p/d/secret.txt'), '');
  await writeFile(join(root, 'rules'), 'secret.txt\n');
  await symlink(join(root, 'rules'), join(root, 'p/d/.gitignore'));
  const exclude = { patterns: [], gitIgnore: true };
  const tree = sharedTree([join(root, 'p')], { exclude });
  expect(() => tree.folder(['p', 'd'])).toThrow(refused);
});
