import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readBundles } from '../../../src/tor/program/bundles.js';
import { isNewEnough } from '../../../src/tor/program/tor-program.js';

test('the pinned bundles are readable, with a tor that the network accepts', async () => {
  const bundles = await readBundles();
  expect(Object.keys(bundles.sha256).sort()).toEqual([
    'linux-i686',
    'linux-x86_64',
    'macos-aarch64',
    'macos-x86_64',
    'windows-i686',
    'windows-x86_64',
  ]);
  expect(new Set(Object.values(bundles.sha256)).size).toBe(6);
  expect(isNewEnough(bundles.tor)).toBe(true);
  expect(bundles.urls.every((url) => url.startsWith('https://'))).toBe(true);
});

test('a pin that is not a SHA-256 is refused', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-bundles-'));
  try {
    const path = join(directory, 'bundles.json');
    const text = await readFile('vendor-tor/bundles.json', 'utf8');
    await writeFile(path, text.replace(/[0-9a-f]{64}/, 'latest'));
    await expect(readBundles(path)).rejects.toThrow();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
