import { randomBytes } from 'node:crypto';
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Bytes } from '../../../src/base/bytes.js';
import { ContentLayout } from '../../../src/stream/content-layout.js';
import { type Entry, type Manifest, totalBytes } from '../../../src/stream/manifest.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import type { FolderDestination } from '../../../src/transfer/destination/folder-destination.js';
import { selectFrom } from '../../../src/transfer/destination/selection.js';
import { streamDestination } from '../../../src/transfer/destination/stream-destination.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { CHUNK } from './resumable.js';

function manifestOf(...entries: readonly (readonly [string, number | null | string])[]): Manifest {
  const paths = entries.map(([path]) => path);
  return {
    kind: 'files',
    entries: entries.map(([name, what]): Entry => {
      const path = name.split('/').filter(Boolean);
      if (typeof what === 'string') return { type: 'hardlink', path, file: paths.indexOf(what) };
      const common = { path, mode: 0o644, mtime: 0 };
      return name.endsWith('/')
        ? { type: 'folder', ...common, mode: 0o755 }
        : { type: 'file', ...common, size: what };
    }),
  };
}

const OFFER = manifestOf(
  ['d/', 0],
  ['d/a.txt', 10],
  ['d/b.pdf', 20],
  ['d/e/', 0],
  ['d/e/c.pdf', 30],
  ['d/e/same.txt', 'd/b.pdf'],
  ['f/', 0],
  ['f/g.txt', 40],
);

async function chosen(manifest: Manifest, ...patterns: string[]): Promise<string[]> {
  return (await selectFrom(manifest, patterns)).entries.flatMap(({ path, isUnwanted }) =>
    isUnwanted === true ? [] : [path.join('/')],
  );
}

describe('what is selected', () => {
  test('is everything without patterns', async () => {
    const { unwanted, files, bytes } = await selectFrom(OFFER);
    expect({ unwanted: unwanted.bytes, files, bytes }).toEqual({
      unwanted: 0,
      files: 5,
      bytes: 100,
    });
  });

  test('are files by name, with the folders on the way to them', async () => {
    expect(await chosen(OFFER, '*.pdf')).toEqual(['d', 'd/b.pdf', 'd/e', 'd/e/c.pdf']);
    const { unwanted, files, bytes } = await selectFrom(OFFER, ['*.pdf']);
    expect([...unwanted]).toEqual([
      [0, 10],
      [60, 100],
    ]);
    expect({ files, bytes }).toEqual({ files: 2, bytes: 50 });
  });

  test('are folders with all that is in them, and paths', async () => {
    expect(await chosen(OFFER, 'e/')).toEqual(
      ['d', 'd/b.pdf', 'd/e', 'd/e/c.pdf'].map((path) =>
        path === 'd/b.pdf' ? 'd/e/same.txt' : path,
      ),
    );
    expect(await chosen(OFFER, 'f/g.txt', '/d/a.txt')).toEqual(['d', 'd/a.txt', 'f', 'f/g.txt']);
  });

  test('is another name of a file together with its content', async () => {
    expect(await chosen(OFFER, 'same.txt')).toEqual(['d', 'd/e/same.txt', 'd/e']);
    expect(await selectFrom(OFFER, ['same.txt'])).toMatchObject({ files: 1, bytes: 20 });
    expect(await selectFrom(OFFER, ['same.txt', 'b.pdf'])).toMatchObject({ files: 2, bytes: 20 });
  });

  test('is refused if it is nothing, or a part of what has no known end', async () => {
    const refused = expect.objectContaining({ code: 'ERR_REFUSED' }) as Error;
    await expect(selectFrom(OFFER, ['*.jpg'])).rejects.toThrow(refused);
    const piped = manifestOf(['a', 10], ['b', null]);
    await expect(selectFrom(piped, ['b'])).rejects.toThrow(refused);
    expect((await selectFrom(piped, ['a', 'b'])).bytes).toBeNull();
  });
});

describe('a folder that takes a part of an offer', () => {
  /** Wanted parts lie alone in chunks, several in one, and across their borders. */
  const MIXED = manifestOf(
    ['d/', 0],
    ['d/0.no', 1000],
    ['d/1.yes', 500],
    ['d/2.no', 300],
    ['d/3.yes', CHUNK],
    ['d/4.no', 3 * CHUNK],
    ['d/5.yes', 0],
    ['d/6.no', 0],
    ['d/7.yes', 2 * CHUNK + 77],
    ['d/8.yes', 5],
    ['d/9.no', 10],
  );
  const content: Bytes = new Uint8Array(randomBytes(totalBytes(MIXED)));
  const WANTED = 500 + CHUNK + 2 * CHUNK + 77 + 5;

  async function transfer(): Promise<{
    directory: string;
    again: (staging?: string) => Promise<FolderDestination>;
  }> {
    const directory = await temporaryDirectory();
    const journal = join(await temporaryDirectory(), 'journal');
    const key = new Uint8Array(32).fill(7);
    const again = async (staging?: string): Promise<FolderDestination> => {
      const resume = { journal, key, staging };
      const options = { directory, manifest: MIXED, only: ['*.yes'], resume };
      const destination = await openDestination({ ...options, conflict: 'rename' });
      onTestFinished(() => destination.discard());
      return destination;
    };
    return { directory, again };
  }

  /** As a sender cuts it. */
  async function write(destination: FolderDestination, max = Infinity): Promise<number> {
    let written = 0;
    for (const [start, end] of destination.written.missingWithin(0, content.length)) {
      for (let at = start; at < end && written < max; ) {
        const cut = Math.min(end, (Math.floor(at / CHUNK) + 1) * CHUNK);
        await destination.write(at, content.subarray(at, cut));
        written += cut - at;
        at = cut;
      }
    }
    return written;
  }

  async function check(directory: string, destination: FolderDestination): Promise<void> {
    const { files } = await destination.finish(content.length);
    expect(files.map(({ path }) => path)).toEqual([
      'd/1.yes',
      'd/3.yes',
      'd/5.yes',
      'd/7.yes',
      'd/8.yes',
    ]);
    expect(await readdir(join(directory, 'd'))).toEqual(files.map(({ path }) => path.slice(2)));
    const { placements } = new ContentLayout(MIXED);
    for (const { entry, start, end } of placements) {
      if (!entry.path[1]?.endsWith('.yes')) continue;
      const got = await readFile(join(directory, ...entry.path));
      expect(got.equals(content.subarray(start, end))).toBe(true);
    }
  }

  test('asks for nothing else, and makes nothing else', async () => {
    const { directory, again } = await transfer();
    const destination = await again();
    expect(destination.unwanted).toBe(content.length - WANTED);
    expect(await write(destination)).toBe(WANTED);
    await check(directory, destination);
  });

  test('resumes with every part that it had, and asks for none of it again', async () => {
    const { directory, again } = await transfer();
    let staging: string | undefined;
    let total = 0;
    for (let round = 0; round < 20 && total < WANTED; round++) {
      const destination = await again(staging);
      staging = destination.staging;
      expect(destination.written.bytes).toBe(content.length - WANTED + total);
      destination.verify(() => expect.unreachable('nothing is damaged'));
      total += await write(destination, CHUNK);
      await destination.suspend();
    }
    const last = await again(staging);
    last.verify(() => expect.unreachable('nothing is damaged'));
    expect(await write(last)).toBe(0);
    await check(directory, last);
  });

  test('notices what was damaged, and takes it again', async () => {
    const { directory, again } = await transfer();
    const first = await again();
    await write(first);
    await first.suspend();
    const file = await open(join(first.staging, 'd/1.yes'), 'r+');
    await file.write(Buffer.of(1, 2, 3), 0, 3, 10);
    await file.close();
    const second = await again(first.staging);
    const corrupt = await new Promise<readonly [number, number]>((resolve) => {
      second.verify((start, end) => resolve([start, end]));
    });
    expect(corrupt).toEqual([0, CHUNK]);
    expect(await write(second)).toBe(CHUNK - 1300);
    await check(directory, second);
  });
});

describe('a stream that takes a part of an offer', () => {
  test('passes on the one file that is wanted', async () => {
    const output = new PassThrough();
    const passed = buffer(output);
    const content = new Uint8Array(randomBytes(100));
    const destination = streamDestination(output, OFFER, await selectFrom(OFFER, ['c.pdf']));
    expect(destination.written.missingWithin(0, 100)).toEqual([[30, 60]]);
    await destination.write(45, content.subarray(45, 60));
    await destination.write(30, content.subarray(30, 45));
    const { files } = await destination.finish(100);
    output.end();
    expect((await passed).equals(content.subarray(30, 60))).toBe(true);
    expect(files).toMatchObject([{ path: 'c.pdf', bytes: 30 }]);
  });

  test('is refused if several are wanted', async () => {
    const refused = expect.objectContaining({ code: 'ERR_CONFLICT' }) as Error;
    const output = new PassThrough();
    const several = await selectFrom(OFFER, ['*.pdf']);
    expect(() => streamDestination(output, OFFER, several)).toThrow(refused);
  });
});
