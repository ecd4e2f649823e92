import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { keptOf, planKeeping } from '../../src/browser/receiving/keep-plan.js';
import { IN_PAGE_MAX_BYTES } from '../../src/browser/receiving/limits.js';
import { MemoryDestination } from '../../src/browser/receiving/memory-destination.js';
import type { Entry, Manifest } from '../../src/stream/manifest.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const MTIME = Date.UTC(2026, 1, 3, 4, 5, 6);

const unkept = (): never => {
  throw new Error('kept too early');
};

function file(path: string, size: number): Entry {
  return { type: 'file', path: path.split('/'), size, mode: 0o600, mtime: MTIME };
}

function folder(path: string): Entry {
  return { type: 'folder', path: path.split('/'), mode: 0o700, mtime: MTIME };
}

test('unzip restores everything, including names and times, and finds no fault', async () => {
  const content = randomBytes(2_500_000);
  const link: Entry = { type: 'link', path: ['füße', 'link'], target: 'none' };
  const entries = [
    folder('füße'),
    folder('füße/empty'),
    file('füße/none', 0),
    file('füße/big 🧦', content.length),
    link,
  ];
  const manifest: Manifest = { kind: 'files', entries };
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

test('content of unknown length fails when a page can hold no more', async () => {
  const open: Entry = { type: 'file', path: ['a'], size: null, mode: 0o600, mtime: MTIME };
  const destination = new MemoryDestination({ kind: 'files', entries: [open] }, unkept);
  const piece = new Uint8Array(64 * 1024 * 1024);
  const writing = async (): Promise<void> => {
    for (let at = 0; at <= IN_PAGE_MAX_BYTES; at += piece.length) {
      await destination.write(at, piece);
    }
  };
  await expect(writing()).rejects.toMatchObject({ code: 'ERR_TOO_LARGE' });
});
