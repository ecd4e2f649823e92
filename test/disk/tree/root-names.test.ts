import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { OnionferryError } from '../../../src/base/errors.js';
import { numberedWarnings, rootNames } from '../../../src/disk/tree/root-names.js';
import { sharedTree } from '../../../src/disk/tree/shared-tree.js';
import { scanPaths } from '../../../src/transfer/source/scan-paths.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

test('paths that end alike are offered under numbers, and the user is told', () => {
  const roots = rootNames(['/a/x.txt', '/b/x.txt', '/c/x.txt', '/c/x (2).txt']);
  expect([...roots.keys()]).toEqual(['x.txt', 'x (2).txt', 'x (3).txt', 'x (2) (2).txt']);
  expect(numberedWarnings(roots)[0]).toBe(
    '/b/x.txt is offered as "x (2).txt": there is another x.txt',
  );
});

test('what is named twice is offered once', () => {
  expect([...rootNames(['/a/x', '/a/../a/x/', '/b']).keys()]).toEqual(['x', 'b']);
});

test('a path without a name is refused', () => {
  expect(() => rootNames(['/'])).toThrow(OnionferryError);
});

test('pages and programs see the same names, also if one of them is left out', async () => {
  const root = await temporaryDirectory();
  for (const parent of ['a', 'b', 'c']) {
    await mkdir(join(root, parent));
    await writeFile(join(root, parent, 'x'), parent);
  }
  const paths = ['a/x', 'b/x', 'c/x'].map((each) => join(root, each));
  const { manifest, warnings } = await scanPaths(paths);
  const sent = manifest.entries.map(({ path }) => path.join('/'));
  using shown = sharedTree(paths).folder([]);
  expect(sent).toEqual(['x', 'x (2)', 'x (3)']);
  expect(shown?.names()).toEqual(sent);
  expect(warnings).toHaveLength(2);
  const withOneGone = [paths[0] ?? '', join(root, 'gone/x'), paths[2] ?? ''];
  using left = sharedTree(withOneGone, { skipUnreadable: true }).folder([]);
  expect(left?.names()).toEqual(['x', 'x (3)']);
});

test('what is excluded by its own name is excluded under a number too', async () => {
  const root = await temporaryDirectory();
  for (const parent of ['a', 'b']) {
    await mkdir(join(root, parent, 'src'), { recursive: true });
    await writeFile(join(root, parent, 'src/secret.txt'), '');
    await writeFile(join(root, parent, 'src/open.txt'), '');
  }
  const exclude = { patterns: ['src/secret.txt'], gitIgnore: false };
  const { manifest } = await scanPaths([join(root, 'a/src'), join(root, 'b/src')], { exclude });
  expect(manifest.entries.map(({ path }) => path.join('/'))).toEqual([
    'src',
    'src/open.txt',
    'src (2)',
    'src (2)/open.txt',
  ]);
});
