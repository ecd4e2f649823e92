import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { fingerprint, parseContent, prepareContent } from './content.js';

test.each([
  ['100MB', 1, 100_000_000],
  ['50M', 1, 50 * 1024 ** 2],
  ['10000x1kB', 10_000, 10_000_000],
  ['7', 1, 7],
])('%s is %i file(s) of %i bytes together', (name, files, bytes) => {
  expect(parseContent(name)).toEqual({ name, files, bytes });
});

test.each(['', 'MB', '1TB', '0', '-1MB', '2x', '1.5MB'])('%j is no size', (name) => {
  expect(() => parseContent(name)).toThrow('is no size');
});

test('many files become a folder, known by its contents whatever their order', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-content-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'many');
  const { signal } = new AbortController();
  const { bytes, sha256 } = await prepareContent(path, parseContent('3x2k'), signal);
  expect(bytes).toBe(6144);
  expect(await readdir(path)).toHaveLength(3);
  expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  expect(fingerprint(['b', 'a', 'c'])).toBe(fingerprint(['c', 'b', 'a']));
  expect(fingerprint(['a'])).toBe('a');
});
