import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { Assembly } from '../../src/browser/receiving/assembly.js';
import { keptOf, planKeeping } from '../../src/browser/receiving/keep-plan.js';
import {
  IN_PAGE_MAX_BYTES,
  IN_PAGE_MAX_ENTRIES,
  isTooLarge,
} from '../../src/browser/receiving/limits.js';
import type { Entry, Manifest } from '../../src/stream/manifest.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

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

test('unzip restores everything, including names and times, and finds no fault', async () => {
  const content = randomBytes(2_500_000);
  const link: Entry = { type: 'link', path: ['füße', 'link'], target: 'none' };
  const manifest = manifestOf(
    folder('füße'),
    folder('füße/empty'),
    file('füße/none', 0),
    file('füße/big 🧦', content.length),
    link,
  );
  const files = new Map([
    [2, new Blob([])],
    [3, new Blob([content])],
  ]);
  const [zip, ...more] = await keptOf({ manifest, files }, planKeeping(manifest));
  expect(more).toEqual([]);
  const scratch = await temporaryDirectory();
  const path = join(scratch, zip!.name);
  await writeFile(path, Buffer.from(await zip!.content.arrayBuffer()));
  const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C.UTF-8' };
  await promisify(execFile)('unzip', ['-t', path], { env });
  await promisify(execFile)('unzip', ['-q', path, '-d', scratch], { env });
  expect((await readFile(join(scratch, 'füße/big 🧦'))).equals(content)).toBe(true);
  expect((await readFile(join(scratch, 'füße/none'))).length).toBe(0);
  expect((await stat(join(scratch, 'füße/empty'))).isDirectory()).toBe(true);
  expect((await stat(join(scratch, 'füße/big 🧦'))).mtimeMs).toBe(MTIME);
  await expect(stat(join(scratch, 'füße/link'))).rejects.toThrow();
});

test('a transfer that is too large for a page is detected before it begins', () => {
  expect(isTooLarge(manifestOf(file('a', IN_PAGE_MAX_BYTES)))).toBe(false);
  expect(isTooLarge(manifestOf(file('a', IN_PAGE_MAX_BYTES), file('b', 1)))).toBe(true);
  const many = Array.from({ length: IN_PAGE_MAX_ENTRIES + 1 }, (_, i) => file(`${i}`, 0));
  expect(isTooLarge(manifestOf(...many))).toBe(true);
});

test('content of unknown length ends where a page can hold no more', () => {
  const open: Entry = { type: 'file', path: ['a'], size: null, mode: 0o600, mtime: MTIME };
  const assembly = new Assembly(manifestOf(open));
  const piece = new Uint8Array(64 * 1024 * 1024);
  expect(() => {
    for (let at = 0; at <= IN_PAGE_MAX_BYTES; at += piece.length) assembly.take(at, piece);
  }).toThrow(expect.objectContaining({ code: 'ERR_REFUSED' }));
});

test.each([
  ['a gap', 1, 1],
  ['more than was offered', 0, 4],
])('%s in what comes is refused', (_name, position, length) => {
  const assembly = new Assembly(manifestOf(file('a', 3)));
  expect(() => assembly.take(position, new Uint8Array(length))).toThrow(
    expect.objectContaining({ code: 'ERR_PROTOCOL' }),
  );
});
