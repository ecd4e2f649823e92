import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FRAME_CONTENT_BYTES } from '../../../src/stream/frame.js';
import type { Entry, Manifest } from '../../../src/stream/manifest.js';
import { hookFileCalls, watchFileCalls } from '../../support/file-calls.js';
import { mounted, remount } from '../../support/mounts.js';
import { NAMES, Receiving, visible } from '../support/receiving.js';

const MIB = 1024 * 1024;
const meta = { mode: 0o644, mtime: 1_000_000_000_000 };
const file = (size: number, ...path: string[]): Entry => ({ type: 'file', path, size, ...meta });

/** Names that are fine where they come from. */
function awkward(...folder: readonly string[]): Manifest {
  const folders = folder.map((name): Entry => ({ type: 'folder', path: [name], ...meta }));
  return {
    kind: 'files',
    entries: [
      ...folders,
      file(3 * FRAME_CONTENT_BYTES + 7, ...folder, '12:30.png'),
      file(10, ...folder, 'what?.txt'),
      file(20, ...folder, 'Readme'),
      file(30, ...folder, 'README'),
      file(40, ...folder, 'plain.txt'),
      { type: 'link', path: [...folder, 'link'], target: 'Readme', ...meta },
      file(70_000, 'alone*'),
      file(0, 'empty'),
    ],
  };
}
const MAPPED = ['12_30.png', 'README (1)', 'Readme', 'plain.txt', 'what_.txt'];

describe('a recipient on a file system', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  // The driver of FAT loses what is in a folder that it renames.
  test.each([
    ['exfat', ['d']],
    ['fat', []],
  ] as const)('with other rules for names, and no links (%s), gets all under similar ones and is told', async (type, folder) => {
    const directory = await mounted(type);
    const manifest = awkward(...folder);
    const receiving = await Receiving.prepare({ manifest, directory });
    const { error, received, brought } = await receiving.run();
    expect(error).toBeUndefined();
    expect(brought).toBe(receiving.content.length);
    const at = (name: string): string => [...folder, name].join('/');
    const seen = await visible(directory);
    expect(seen).toEqual([...MAPPED.map(at), 'alone_', 'empty'].sort());
    expect(await receiving.wrongFiles(undefined, received?.files)).toEqual([]);
    expect(received?.warnings).toEqual(
      expect.arrayContaining([
        expect.stringContaining(`${at('link')} was left out: `),
        `12:30.png cannot have that name here: it is ${at('12_30.png')}`,
        `README cannot have that name here: it is ${at('README (1)')}`,
      ]),
    );
    expect(await receiving.leftBehind()).toEqual([]);
    // A second transfer takes nobody's place.
    const again = await Receiving.prepare({ manifest, directory });
    const paths = (await again.run()).received?.files.map((each) => each.path);
    expect(paths).toEqual(expect.arrayContaining(['alone_ (1)', 'empty (1)']));
    expect(paths?.some((path) => seen.includes(path))).toBe(false);
    expect(await visible(directory)).toEqual(expect.arrayContaining(seen));
    expect(await receiving.wrongFiles(undefined, received?.files)).toEqual(paths?.sort());
  });

  test('that is full in the middle keeps what came, says how much to free, and needs only the rest', async () => {
    // With its records on the same disk.
    const directory = await mounted('tmpfs', 12 * MIB);
    const manifest: Manifest = { kind: 'files', entries: [file(8 * MIB, 'large')] };
    const dataDir = join(directory, '.data');
    const receiving = await Receiving.prepare({ manifest, directory, dataDir });
    const ballast = join(directory, 'ballast');
    let writes = 0;
    const full = await hookFileCalls(
      [directory],
      (call) => {
        if (call.name === 'handle.write' && call.path.includes('.part') && ++writes === 16) {
          fill(ballast);
        }
      },
      () => receiving.run(),
    );
    expect(full.error).toMatchObject({
      code: 'ERR_DISK_FULL',
      message: expect.stringMatching(
        /What has arrived is kept: free [45].\d MB, then run/,
      ) as unknown,
    });
    expect(full.brought).toBeGreaterThanOrEqual(15 * FRAME_CONTENT_BYTES);
    // Still full: told again, and nothing is lost.
    expect((await receiving.run()).error).toMatchObject({ code: 'ERR_DISK_FULL' });
    await rm(ballast);
    const { error, brought } = await receiving.run();
    expect(error).toBeUndefined();
    // One batch of the journal may have found no room.
    expect(full.brought + brought).toBeLessThanOrEqual(
      receiving.content.length * 1.05 + 16 * FRAME_CONTENT_BYTES,
    );
    expect(await receiving.wrongFiles()).toEqual([]);
    expect(await readdir(directory)).toEqual(['.data', 'large']);
  });

  test('that does not tell how much room it has (ramfs) is not taken for full', async () => {
    const receiving = await Receiving.prepare({ directory: await mounted('ramfs') });
    const { error, received } = await receiving.run();
    expect(error).toBeUndefined();
    expect(received?.warnings).toEqual([]);
    expect(await visible(receiving.directory)).toEqual(NAMES);
    expect(await receiving.wrongFiles()).toEqual([]);
  });

  test('that is read-only refuses before anything has come', async () => {
    const directory = await mounted('tmpfs');
    await remount(directory, 'ro');
    const receiving = await Receiving.prepare({ directory });
    const { error, brought } = await receiving.run();
    expect(error).toMatchObject({
      code: 'ERR_DESTINATION',
      message: expect.stringContaining('the file system is read-only') as unknown,
    });
    expect(brought).toBe(0);
    await remount(directory, 'rw');
    expect((await receiving.run()).error).toBeUndefined();
    expect(await receiving.leftBehind()).toEqual([]);
  });

  test('that becomes read-only just before the final names keeps everything', async () => {
    const directory = await mounted('tmpfs');
    const receiving = await Receiving.prepare({ directory });
    let isReadOnly = false;
    const { error } = await hookFileCalls(
      [directory],
      (call) => {
        // Now no file is open for writing any more, which would keep it from being changed.
        if (call.name !== 'futimesSync' || isReadOnly) return;
        isReadOnly = true;
        expect(spawnSync('mount', ['-o', 'remount,ro', directory]).status).toBe(0);
      },
      () => receiving.run(),
    );
    expect(error).toMatchObject({ code: 'ERR_DESTINATION' });
    expect(await visible(directory)).toEqual([]);
    await remount(directory, 'rw');
    const again = await receiving.run();
    expect(again).toMatchObject({ error: undefined, brought: 0 });
    expect(await visible(directory)).toEqual(NAMES);
    expect(await receiving.wrongFiles()).toEqual([]);
    expect(await receiving.leftBehind()).toEqual([]);
  });
});

/** Takes all the room there is. */
function fill(path: string): void {
  try {
    for (;;) writeFileSync(path, Buffer.alloc(64 * 1024), { flag: 'a' });
  } catch {
    // It is full.
  }
}

test('zeros are received as holes', async () => {
  const manifest: Manifest = {
    kind: 'files',
    entries: [file(20 * MIB + 5, 'sparse')],
  };
  const receiving = await Receiving.prepare({ manifest });
  receiving.content.fill(0, FRAME_CONTENT_BYTES, 10 * MIB);
  receiving.content.fill(0, 11 * MIB);
  const { error } = await receiving.run();
  expect(error).toBeUndefined();
  expect(await receiving.wrongFiles()).toEqual([]);
  const { size, blocks } = await stat(join(receiving.directory, 'sparse'));
  expect(size).toBe(20 * MIB + 5);
  expect(blocks * 512).toBeLessThan(2 * MIB);
});
