import { mkdir, readdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { utf8 } from '../../../src/base/bytes.js';
import type { Conflict } from '../../../src/disk/commit.js';
import type { Entry, Manifest } from '../../../src/stream/manifest.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** A longer wait would never end. */
const PATIENCE_MS = 60_000;

const meta = { mode: 0o644, mtime: 0 };
const file = (path: string, size: number): Entry => ({
  type: 'file',
  path: path.split('/'),
  size,
  ...meta,
});
const folder = (path: string): Entry => ({ type: 'folder', path: path.split('/'), ...meta });
const oneFolder: Manifest = {
  kind: 'files',
  entries: [folder('d'), file('d/a', 3), folder('d/sub'), file('d/sub/b', 3)],
};

async function write(
  directory: string,
  manifest: Manifest,
  conflict: Conflict,
  content: string,
): Promise<{ paths: string[]; warnings: readonly string[] }> {
  const destination = await openDestination({ directory, manifest, conflict });
  try {
    await destination.write(0, utf8(content));
    const { files, warnings } = await destination.finish(content.length);
    return { paths: files.map(({ path }) => path), warnings };
  } finally {
    await destination.discard();
  }
}

describe('a destination where names are taken', () => {
  async function prepared(): Promise<string> {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'd'));
    await writeFile(join(directory, 'd/a'), 'old');
    await writeFile(join(directory, 'd/mine'), 'mine');
    return directory;
  }

  test('numbers the new folder (rename)', async () => {
    const directory = await prepared();
    const { paths } = await write(directory, oneFolder, 'rename', 'newnew');
    expect(paths).toEqual(['d (1)/a', 'd (1)/sub/b']);
    expect(await readFile(join(directory, 'd/a'), 'utf8')).toBe('old');
    expect(await readFile(join(directory, 'd (1)/a'), 'utf8')).toBe('new');
    const again = await write(directory, oneFolder, 'rename', 'newnew');
    expect(again.paths).toEqual(['d (2)/a', 'd (2)/sub/b']);
  });

  test('replaces only what it brings (overwrite)', async () => {
    const directory = await prepared();
    const { paths } = await write(directory, oneFolder, 'overwrite', 'newnew');
    expect(paths).toEqual(['d/a', 'd/sub/b']);
    expect(await readFile(join(directory, 'd/a'), 'utf8')).toBe('new');
    expect(await readFile(join(directory, 'd/mine'), 'utf8')).toBe('mine');
  });

  test('never replaces a folder by a file, nor a file by a folder (overwrite)', async () => {
    const directory = await prepared();
    await write(directory, { kind: 'files', entries: [file('d', 3)] }, 'overwrite', 'new');
    expect(await readFile(join(directory, 'd/mine'), 'utf8')).toBe('mine');
    expect(await readFile(join(directory, 'd (1)'), 'utf8')).toBe('new');
    await writeFile(join(directory, 'd/sub'), 'a file');
    const { paths } = await write(directory, oneFolder, 'overwrite', 'newnew');
    expect(paths).toEqual(['d/a', 'd/sub (1)/b']);
    expect(await readFile(join(directory, 'd/sub'), 'utf8')).toBe('a file');
  });

  test('adds only what is missing (skip)', async () => {
    const directory = await prepared();
    const { paths, warnings } = await write(directory, oneFolder, 'skip', 'newnew');
    expect(paths).toEqual(['d/sub/b']);
    expect(warnings).toEqual([expect.stringContaining('d/a')]);
    expect(await readFile(join(directory, 'd/a'), 'utf8')).toBe('old');
  });

  test('refuses before anything is written (fail)', async () => {
    const directory = await prepared();
    await expect(write(directory, oneFolder, 'fail', 'newnew')).rejects.toMatchObject({
      code: 'ERR_CONFLICT',
    });
    expect(await readdir(directory)).toEqual(['d']);
  });

  test.each([
    'overwrite',
    'skip',
    'rename',
  ] as const)('never writes through a link that is there (%s)', async (conflict) => {
    const [directory, elsewhere] = [await temporaryDirectory(), await temporaryDirectory()];
    await writeFile(join(elsewhere, 'a'), 'precious');
    await symlink(elsewhere, join(directory, 'd'));
    await write(directory, oneFolder, conflict, 'newnew');
    expect(await readdir(elsewhere)).toEqual(['a']);
    expect(await readFile(join(elsewhere, 'a'), 'utf8')).toBe('precious');
  });

  test.each([
    'overwrite',
    'skip',
    'rename',
  ] as const)('never writes through a link to a file (%s)', async (conflict) => {
    const [directory, elsewhere] = [await temporaryDirectory(), await temporaryDirectory()];
    await writeFile(join(elsewhere, 'target'), 'precious');
    await symlink(join(elsewhere, 'target'), join(directory, 'a'));
    await write(directory, { kind: 'files', entries: [file('a', 3)] }, conflict, 'new');
    expect(await readFile(join(elsewhere, 'target'), 'utf8')).toBe('precious');
  });
});

describe('a destination', () => {
  test('makes links last, as they were sent', async () => {
    const directory = await temporaryDirectory();
    const link: Entry = { type: 'link', path: ['d', 'l'], target: 'a' };
    await write(
      directory,
      { ...oneFolder, entries: [...oneFolder.entries, link] },
      'fail',
      'newnew',
    );
    expect(await readlink(join(directory, 'd/l'))).toBe('a');
  });

  test('gives others no more than the user gives them', async () => {
    const directory = await temporaryDirectory();
    const before = process.umask(0o027);
    onTestFinished(() => {
      process.umask(before);
    });
    const open: Entry = { type: 'file', path: ['open'], size: 3, mode: 0o777, mtime: 0 };
    await write(directory, { kind: 'files', entries: [open] }, 'fail', 'new');
    expect((await stat(join(directory, 'open'))).mode & 0o777).toBe(0o750);
  });

  test('lets nobody else into what is staged, whatever the user gives others', async () => {
    const directory = await temporaryDirectory();
    const before = process.umask(0);
    onTestFinished(() => {
      process.umask(before);
    });
    const destination = await openDestination({
      ...{ directory, manifest: oneFolder, conflict: 'rename' },
    });
    await destination.write(0, utf8('new'));
    const staged = await readdir(destination.staging, { recursive: true });
    expect(staged.length).toBeGreaterThan(1);
    for (const name of ['', ...staged]) {
      const { mode } = await stat(join(destination.staging, name));
      expect([name, mode & 0o077]).toEqual([name, 0]);
    }
    await destination.discard();
  });

  test('shows nothing under a final name before the end, and nothing at all after a discard', async () => {
    const directory = await temporaryDirectory();
    const options = { directory, manifest: oneFolder, conflict: 'rename' as const };
    const destination = await openDestination(options);
    await destination.write(0, utf8('new'));
    expect(await readdir(directory)).toEqual([expect.stringMatching(/^\.onionferry-.*\.part$/)]);
    await destination.discard();
    expect(await readdir(directory)).toEqual([]);
  });

  test('refuses more than was offered, the same twice, and less', async () => {
    const directory = await temporaryDirectory();
    await expect(write(directory, oneFolder, 'rename', 'newnewX')).rejects.toMatchObject({
      code: 'ERR_INTERNAL',
    });
    await expect(write(directory, oneFolder, 'rename', 'newne')).rejects.toMatchObject({
      code: 'ERR_INTERNAL',
    });
    const options = { directory, manifest: oneFolder, conflict: 'rename' as const };
    const destination = await openDestination(options);
    await destination.write(0, utf8('newnew'));
    await expect(destination.write(0, utf8('new'))).rejects.toMatchObject({ code: 'ERR_INTERNAL' });
    await destination.discard();
    expect(await readdir(directory)).toEqual([]);
  });

  test('takes content in any order, more files at once than it keeps open', async () => {
    const directory = await temporaryDirectory();
    const count = 100;
    const entries = Array.from({ length: count }, (_, i) => file(`f${i}`, 2));
    const manifest: Manifest = { kind: 'files', entries };
    const destination = await openDestination({ directory, manifest, conflict: 'fail' });
    for (let i = count - 1; i >= 0; i--) await destination.write(2 * i + 1, utf8('b'));
    for (let i = 0; i < count; i++) await destination.write(2 * i, utf8('a'));
    const { files } = await destination.finish(2 * count);
    const sha256 = 'fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603';
    expect(new Set(files.map((each) => each.sha256))).toEqual(new Set([sha256]));
    expect(await readdir(directory)).toHaveLength(count);
  });

  test('gives all final names or none, also if it is discarded in between', async () => {
    const directory = await temporaryDirectory();
    const names = Array.from({ length: 100 }, (_, i) => `f${i}`);
    const manifest: Manifest = { kind: 'files', entries: names.map((name) => file(name, 1)) };
    const destination = await openDestination({ directory, manifest, conflict: 'rename' });
    await destination.write(0, new Uint8Array(100));
    const finishing = destination.finish(100);
    await vi.waitFor(async () => expect(await readdir(directory)).toContain('f0'), PATIENCE_MS);
    await destination.discard();
    const { files } = await finishing;
    expect(files).toHaveLength(100);
    expect((await readdir(directory)).sort()).toEqual(names.sort());
  });

  test('names the folder that cannot be written', async () => {
    const file = join(await temporaryDirectory(), 'file');
    await writeFile(file, 'not a folder');
    const directory = join(file, 'missing');
    const failed: unknown = await write(directory, oneFolder, 'rename', 'newnew').catch(
      (error: unknown) => error,
    );
    expect(failed).toMatchObject({ code: 'ERR_DESTINATION' });
    expect(String(failed)).toContain(directory);
  });

  test('refuses what the disk has no room for before it is sent', async () => {
    const directory = await temporaryDirectory();
    const manifest: Manifest = { kind: 'files', entries: [file('huge', 2 ** 52)] };
    await expect(
      openDestination({ directory, manifest, conflict: 'rename' }),
    ).rejects.toMatchObject({
      code: 'ERR_DISK_FULL',
      message: expect.stringMatching(
        /has room for .*B, but .*B are to come: free .*B there, or receive into another folder/,
      ) as unknown,
    });
    expect(await readdir(directory)).toEqual([]);
  });
});
