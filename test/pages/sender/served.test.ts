import { expect, test } from 'vitest';
import { Served } from '../../../src/pages/sender/served.js';
import type { Entry } from '../../../src/stream/manifest.js';

const about = { mode: 0o644, mtime: 0 };
const folder = (...path: string[]): Entry => ({ type: 'folder', path, ...about });
const file = (...path: string[]): Entry => ({ type: 'file', path, size: 1, ...about });

const entries = [folder('a'), file('a', 'one'), folder('a', 'b'), file('a', 'b', 'two'), file('c')];

async function isOver(served: Served): Promise<boolean> {
  const over = served.everything.then(() => true);
  return await Promise.race([over, new Promise<false>((r) => setImmediate(() => r(false)))]);
}

test('everything is served once each file was, in any order', async () => {
  const served = new Served({ kind: 'files', entries });
  for (const names of [['c'], ['a', 'b', 'two'], ['c']]) served.taken({ names, isArchive: false });
  expect(await isOver(served)).toBe(false);
  served.taken({ names: ['a', 'one'], isArchive: false });
  expect(await isOver(served)).toBe(true);
});

test('an archive counts as every file in it', async () => {
  const served = new Served({ kind: 'files', entries });
  served.taken({ names: ['a'], isArchive: true });
  expect(await isOver(served)).toBe(false);
  served.taken({ names: ['c'], isArchive: false });
  expect(await isOver(served)).toBe(true);
});

test('the archive of everything counts as everything, even if there are only empty folders', async () => {
  const served = new Served({ kind: 'files', entries: [folder('a'), folder('a', 'b')] });
  served.taken({ names: ['a'], isArchive: false });
  expect(await isOver(served)).toBe(false);
  served.taken({ names: ['a'], isArchive: true });
  expect(await isOver(served)).toBe(true);
});
