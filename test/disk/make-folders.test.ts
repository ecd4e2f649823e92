import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFolders } from '../../src/disk/make-folders.js';
import { hookFileCalls, systemError, watchFileCalls } from '../support/file-calls.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

let restore: () => void;
beforeAll(() => {
  restore = watchFileCalls();
});
afterAll(() => restore());

test('all that is missing is made with one mode, and the topmost of it is named', async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'a/b/c');
  expect(await makeFolders(path, 0o700)).toBe(join(directory, 'a'));
  for (const made of ['a', 'a/b', 'a/b/c']) {
    expect((await stat(join(directory, made))).mode & 0o777).toBe(0o700);
  }
  expect(await makeFolders(path, 0o700)).toBeUndefined();
  expect(await makeFolders(join(path, 'd'))).toBe(join(path, 'd'));
});

test('where the system knows no folder below one that is there, that is the failure', async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'there'));
  let calls = 0;
  const making = hookFileCalls(
    [directory],
    (call) => {
      calls += 1;
      // A loop would have no end.
      if (calls > 20) throw systemError('EIO', call);
      if (call.name === 'mkdir' && call.path.includes('there/')) throw systemError('ENOENT', call);
    },
    () => makeFolders(join(directory, 'there/a/b/c')),
  );
  await expect(making).rejects.toMatchObject({ code: 'ENOENT' });
  await expect(makeFolders('')).rejects.toMatchObject({ code: 'ENOENT' });
});

test('something else in the way is the failure, and a link to a folder is none', async () => {
  const directory = await temporaryDirectory();
  const [file, link, dangling] = ['file', 'link', 'dangling'].map((name) => join(directory, name));
  await writeFile(file!, '');
  await symlink(directory, link!);
  await symlink(join(directory, 'nowhere'), dangling!);
  await expect(makeFolders(file!)).rejects.toMatchObject({ code: 'EEXIST' });
  await expect(makeFolders(join(file!, 'a'))).rejects.toMatchObject({ code: 'ENOTDIR' });
  await expect(makeFolders(join(dangling!, 'a'))).rejects.toMatchObject({ code: 'EEXIST' });
  expect(await makeFolders(link!)).toBeUndefined();
  await makeFolders(join(link!, 'a'));
  expect(await readdir(directory)).toContain('a');
});

test('several that make the same folders at once all have them', async () => {
  const path = join(await temporaryDirectory(), 'a/b/c/d');
  await Promise.all(Array.from({ length: 8 }, () => makeFolders(path)));
  expect((await stat(path)).isDirectory()).toBe(true);
});

test('a folder that cannot be looked at is that failure, and not something else in the way', async () => {
  const directory = await temporaryDirectory();
  const making = hookFileCalls(
    [directory],
    (call) => {
      if (call.name === 'stat') throw systemError('EIO', call);
    },
    () => makeFolders(directory),
  );
  await expect(making).rejects.toMatchObject({ code: 'EIO' });
});
