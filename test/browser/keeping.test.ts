import { expect, test } from 'vitest';
import { keptOf, planKeeping } from '../../src/browser/receiving/keep-plan.js';
import {
  IN_PAGE_MAX_BYTES,
  IN_PAGE_MAX_ENTRIES,
  isTooLarge,
} from '../../src/browser/receiving/limits.js';
import { MemoryDestination } from '../../src/browser/receiving/memory-destination.js';
import type { Entry, Manifest } from '../../src/stream/manifest.js';

const MTIME = Date.UTC(2026, 1, 3, 4, 5, 6);

function file(path: string, size: number): Entry {
  return { type: 'file', path: path.split('/'), size, mode: 0o600, mtime: MTIME };
}

function folder(path: string): Entry {
  return { type: 'folder', path: path.split('/'), mode: 0o700, mtime: MTIME };
}

function manifestOf(...entries: Entry[]): Manifest {
  return { kind: 'files', entries };
}

test('a few plain files are saved one by one, under names that every system accepts', async () => {
  const manifest = manifestOf(file('a:b\u202E.txt', 1), file('CON', 1));
  const plan = planKeeping(manifest);
  expect(plan.zip).toBeUndefined();
  const files = new Map([
    [0, new Blob(['x'])],
    [1, new Blob(['y'])],
  ]);
  const kept = await keptOf({ manifest, files }, plan);
  expect(kept.map(({ name }) => name)).toEqual(['a_b_.txt', '_CON']);
});

test('a folder, or more than a few files, are saved as one ZIP file', () => {
  expect(planKeeping(manifestOf(folder('top'), file('top/a', 1))).zip).toBe('top.zip');
  const many = Array.from({ length: 5 }, (_, i) => file(`f${i}`, 1));
  expect(planKeeping(manifestOf(...many)).zip).toBe('onionferry.zip');
});

test.each(['..', '../up', 'a/../../up', 'x\\y'])('a path like %s is refused', (path) => {
  const parents = path.startsWith('a/') ? [folder('a')] : [];
  expect(() => planKeeping(manifestOf(...parents, file(path, 1)))).toThrow(
    expect.objectContaining({ code: 'ERR_HOSTILE_NAME' }),
  );
});

test('another name of a file holds the same in a ZIP file, and counts like a file', async () => {
  const other = (path: string): Entry => ({ type: 'hardlink', path: path.split('/'), file: 1 });
  const manifest = manifestOf(folder('d'), file('d/a', 7), other('d/b'));
  const files = new Map([[1, new Blob(['content'])]]);
  const [kept] = await keptOf({ manifest, files }, planKeeping(manifest));
  expect((await kept?.content.text())?.match(/content/g)).toHaveLength(2);
  const large = manifestOf(folder('d'), file('d/a', IN_PAGE_MAX_BYTES - 1), other('d/b'));
  expect(isTooLarge(large)).toBe(true);
});

test('a transfer that is too large for a page is detected before it begins', () => {
  expect(isTooLarge(manifestOf(file('a', IN_PAGE_MAX_BYTES)))).toBe(false);
  expect(isTooLarge(manifestOf(file('a', IN_PAGE_MAX_BYTES), file('b', 1)))).toBe(true);
  const many = Array.from({ length: IN_PAGE_MAX_ENTRIES + 1 }, (_, i) => file(`${i}`, 0));
  expect(isTooLarge(manifestOf(...many))).toBe(true);
});

const unkept = (): never => {
  throw new Error('kept too early');
};

test.each([
  ['a gap', 1, 1],
  ['more than was offered', 0, 4],
])('%s in what comes is refused', async (_name, position, length) => {
  const destination = new MemoryDestination(manifestOf(file('a', 3)), unkept);
  const writing = destination.write(position, new Uint8Array(length));
  await expect(writing).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
});
