import { expect, test } from 'vitest';
import type { Folder, KindOfName } from '../../src/disk/tree/folder.js';
import { EntryCounts } from '../../src/zip/entry-counts.js';

/** How many files there are, and the folders beside them. */
interface Tree {
  readonly files: number;
  readonly folders?: Readonly<Record<string, Tree>>;
}

/** A folder that says what is in it, and how much of it was counted. */
function folderOf(tree: Tree, counted: { entries: number }): Folder {
  const kinds = function* (): Generator<KindOfName> {
    for (const name of Object.keys(tree.folders ?? {})) {
      counted.entries++;
      yield { name, kind: 'folder' };
    }
    for (let file = 0; file < tree.files; file++) {
      counted.entries++;
      yield { name: `file ${file}`, kind: 'file' };
    }
  };
  return {
    kinds,
    names: () => [...kinds()].map(({ name }) => name),
    readNames: () => Promise.resolve([...kinds()].map(({ name }) => name)),
    glances: () => () => undefined,
    look: () => undefined,
    whyHidden: () => 'gone',
    state: () => undefined,
    folder(name) {
      const inner = tree.folders?.[name];
      return inner && folderOf(inner, counted);
    },
    file: () => undefined,
    [Symbol.dispose]: () => undefined,
  };
}

/** Folders in each other, the outermost being the first of them. */
function nested(depth: number): Tree {
  let tree: Tree = { files: 0 };
  for (let level = 1; level < depth; level++) tree = { files: 0, folders: { deeper: tree } };
  return tree;
}

async function judge(tree: Tree): Promise<[isTooMuch: boolean, folders: string[]]> {
  const counted = { entries: 0 };
  const { isTooMuch, tooMuch } = await new EntryCounts().of(['shared'], () =>
    folderOf(tree, counted),
  );
  return [isTooMuch, [...tooMuch]];
}

test.each<[string, Tree, [isTooMuch: boolean, folders: string[]]]>([
  ['as many as it may hold', { files: 499_999, folders: { a: { files: 0 } } }, [false, []]],
  ['one file more', { files: 500_001 }, [true, []]],
  [
    'one more than it may hold, in two folders that fit',
    { files: 0, folders: { a: { files: 250_000 }, b: { files: 250_000 } } },
    [true, []],
  ],
  [
    'too much in one folder, and little in another',
    { files: 1, folders: { a: { files: 3 }, b: { files: 500_001 }, c: { files: 3 } } },
    [true, ['b']],
  ],
  ['folders in each other, as deep as it may be', nested(127), [false, []]],
  ['folders in each other, one deeper', nested(128), [true, ['deeper']]],
])('an archive is judged by what is in a folder: %s', async (_name, tree, judged) => {
  expect(await judge(tree)).toEqual(judged);
});

test('what was counted is not counted again, nor what is within a folder that fits', async () => {
  const counted = { entries: 0 };
  const counts = new EntryCounts();
  const tree = { files: 10, folders: { a: { files: 5 } } };
  const open = (): Folder => folderOf(tree, counted);
  await Promise.all([counts.of(['shared'], open), counts.of(['shared'], open)]);
  await counts.of(['shared'], open);
  expect(counted.entries).toBe(16);
  const within = await counts.of(['shared', 'a'], () => {
    throw new Error('it was opened');
  });
  expect(within.isTooMuch).toBe(false);
});

test('no more than two full archives are counted for one folder', async () => {
  const counted = { entries: 0 };
  const folders = Object.fromEntries(
    Array.from({ length: 9 }, (_, number) => [String(number), { files: 400_000 }]),
  );
  const { isTooMuch } = await new EntryCounts().of([], () =>
    folderOf({ files: 0, folders }, counted),
  );
  expect(isTooMuch).toBe(true);
  expect(counted.entries).toBeLessThanOrEqual(1_000_009);
});
