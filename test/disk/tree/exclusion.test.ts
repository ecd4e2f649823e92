import { mkdir, writeFile } from 'node:fs/promises';
import path, { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ExclusionRules } from '../../../src/disk/tree/exclusion.js';
import type { Folder } from '../../../src/disk/tree/folder.js';
import { sharedTree } from '../../../src/disk/tree/shared-tree.js';
import { scanPaths } from '../../../src/transfer/source/scan-paths.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

async function make(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await temporaryDirectory();
  for (const [name, content] of Object.entries(files)) {
    await mkdir(path.dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), content);
  }
  return root;
}

/** The files that `send` would send of it, which must be those that `share` shows. */
async function left(given: string, exclude: ExclusionRules): Promise<string[]> {
  const { manifest } = await scanPaths([given], { exclude });
  const sent = manifest.entries.flatMap(({ type, path: names }) =>
    type === 'file' ? [names.slice(1).join('/')] : [],
  );
  const shown: string[] = [];
  using top = sharedTree([given], { exclude }).folder([path.basename(given)]);
  if (top !== undefined) collect(top, '');
  expect(shown.sort()).toEqual([...sent].sort());
  return sent;

  function collect(folder: Folder, way: string): void {
    for (const name of folder.names()) {
      if (folder.look(name)?.isFile() === true) shown.push(`${way}${name}`);
      using inner = folder.folder(name);
      if (inner !== undefined) collect(inner, `${way}${name}/`);
    }
  }
}

const patterns = (...list: string[]): ExclusionRules => ({ patterns: list, gitIgnore: false });
const git: ExclusionRules = { patterns: [], gitIgnore: true };

describe('patterns', () => {
  test('leave out names at any depth, folders with what is in them, and paths', async () => {
    const root = await make({
      'p/a.log': '',
      'p/b.txt': '',
      'p/tmp/c': '',
      'p/d/tmp': '',
      'p/d/e.log': '',
    });
    expect(await left(join(root, 'p'), patterns('*.log'))).toEqual(['b.txt', 'd/tmp', 'tmp/c']);
    expect(await left(join(root, 'p'), patterns('tmp/'))).toEqual([
      'a.log',
      'b.txt',
      'd/e.log',
      'd/tmp',
    ]);
    expect(await left(join(root, 'p'), patterns('p/d', '*.txt'))).toEqual(['a.log', 'tmp/c']);
  });

  test('tell capitals from small letters, and take back what a later one names', async () => {
    const root = await make({ 'p/A.LOG': '', 'p/keep.log': '', 'p/b.log': '' });
    expect(await left(join(root, 'p'), patterns('*.log', '!keep.log'))).toEqual([
      'A.LOG',
      'keep.log',
    ]);
  });

  test('that leave nothing are refused', async () => {
    const root = await make({ 'a.log': '' });
    const nothing = expect.objectContaining({ code: 'ERR_SOURCE' }) as Error;
    await expect(scanPaths([join(root, 'a.log')], { exclude: patterns('*.log') })).rejects.toEqual(
      nothing,
    );
    expect(() => sharedTree([join(root, 'a.log')], { exclude: patterns('*.log') })).toThrow(
      nothing,
    );
  });
});

describe('what git ignores', () => {
  test('is left out by the rules of every folder, of which nearer ones win', async () => {
    const root = await make({
      'p/.git/HEAD': '',
      'p/.git/info/exclude': 'private\n',
      'p/.gitignore': '# comment\n*.o\n/build/\n',
      'p/a.o': '',
      'p/private': '',
      'p/build/x': '',
      'p/src/build/y': '',
      'p/src/.gitignore': '!keep.o\nlocal\n',
      'p/src/keep.o': '',
      'p/src/other.o': '',
      'p/src/local': '',
      'p/local': '',
    });
    const expected = ['.gitignore', 'local', 'src/.gitignore', 'src/build/y', 'src/keep.o'];
    expect(await left(join(root, 'p'), git)).toEqual(expected);
    // The rules of the folders above count too.
    expect(await left(join(root, 'p/src'), git)).toEqual(['.gitignore', 'build/y', 'keep.o']);
  });

  test('a folder that nearer rules take in again keeps what is in it', async () => {
    const root = await make({
      'p/.git/HEAD': '',
      'p/.gitignore': 'out/\n',
      'p/a/.gitignore': '!out/\n',
      'p/a/out/x': '',
      'p/b/out/x': '',
    });
    expect(await left(join(root, 'p'), git)).toEqual(['.gitignore', 'a/.gitignore', 'a/out/x']);
  });

  test('a working tree within another has rules of its own', async () => {
    const root = await make({
      'p/.git/HEAD': '',
      'p/.gitignore': '*.log\n',
      'p/a.log': '',
      'p/inner/.git': 'gitdir: elsewhere\n',
      'p/inner/b.log': '',
    });
    expect(await left(join(root, 'p'), git)).toEqual(['.gitignore', 'inner/b.log']);
  });

  test('of a working tree that is sent, what lies around it says nothing', async () => {
    const root = await make({
      'home/.git/HEAD': '',
      'home/.gitignore': '*\n',
      'home/p/.git/HEAD': '',
      'home/p/a': '',
    });
    expect(await left(join(root, 'home/p'), git)).toEqual(['a']);
    expect(await left(join(root, 'home'), git)).toEqual([]);
  });

  test('outside of a working tree, rules above what is sent do not count', async () => {
    const root = await make({ '.gitignore': 'a\n', 'p/a': '', 'p/.gitignore': 'b\n', 'p/b': '' });
    expect(await left(join(root, 'p'), git)).toEqual(['.gitignore', 'a']);
  });

  test('is not left out without asking', async () => {
    const root = await make({ 'p/.git/HEAD': '', 'p/.gitignore': 'a\n', 'p/a': '' });
    expect(await left(join(root, 'p'), patterns('nothing'))).toEqual([
      '.git/HEAD',
      '.gitignore',
      'a',
    ]);
  });
});
