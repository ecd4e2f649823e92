import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  createFile,
  ExposedFile,
  makePrivateDirectory,
  readPrivateFile,
  replaceFile,
} from '../../src/disk/private-file.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

describe('a private file', () => {
  test('is created for this user alone, and never in place of another', async () => {
    const folder = await temporaryDirectory();
    const path = join(folder, 'key');
    await createFile(path, 'first');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await expect(createFile(path, 'second')).rejects.toMatchObject({ code: 'EEXIST' });
    expect(await readPrivateFile(path, 100)).toBe('first');
    expect(await readdir(folder)).toEqual(['key']);
  });

  test('is replaced for this user alone, and leaves nothing beside it', async () => {
    const folder = await temporaryDirectory();
    const path = join(folder, 'record');
    await writeFile(path, 'old', { mode: 0o644 });
    await replaceFile(path, 'new');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['record']);
  });

  test('leaves nothing behind when it cannot be put in place', async () => {
    const folder = await temporaryDirectory();
    await mkdir(join(folder, 'taken', 'full'), { recursive: true });
    await expect(replaceFile(join(folder, 'taken'), 'x')).rejects.toThrow();
    await expect(createFile(join(folder, 'missing', 'key'), 'x')).rejects.toMatchObject({
      code: 'ENOENT',
    });
    expect(await readdir(folder)).toEqual(['taken']);
  });

  test('is not read if others could have read it, if it is a link, too long or no file', async () => {
    const folder = await temporaryDirectory();
    const path = join(folder, 'record');
    await createFile(path, 'secret');
    await expect(readPrivateFile(path, 5)).rejects.toThrow(new ExposedFile({ kind: 'too-long' }));
    await chmod(path, 0o640);
    await expect(readPrivateFile(path, 100)).rejects.toMatchObject({
      exposure: { kind: 'open-to-others', mode: 0o640 },
    });
    await symlink(path, join(folder, 'link'));
    await expect(readPrivateFile(join(folder, 'link'), 100)).rejects.toMatchObject({
      code: 'ELOOP',
    });
    await expect(readPrivateFile(folder, 100)).rejects.toMatchObject({
      exposure: { kind: 'not-a-file' },
    });
  });
});

test('a private directory is made with what is above it, and closed again to others', async () => {
  const folder = await temporaryDirectory();
  await makePrivateDirectory(join(folder, 'a', 'b'));
  expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o700);
  await chmod(join(folder, 'a', 'b'), 0o755);
  await makePrivateDirectory(join(folder, 'a', 'b'));
  expect((await stat(join(folder, 'a', 'b'))).mode & 0o777).toBe(0o700);
});
