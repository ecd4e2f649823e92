import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { tryLockFile } from '../../src/disk/file-lock.js';
import { lockFolder, removeIfAbandoned } from '../../src/disk/locked-folder.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

describe('a locked folder', () => {
  test('is left alone by others until its holder removes it', async () => {
    const path = join(await temporaryDirectory(), 'held');
    await mkdir(path);
    const held = await lockFolder(path);
    await removeIfAbandoned(path);
    expect(await readdir(path)).toEqual(['lock']);
    await held?.remove();
    await expect(readdir(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is removed when nobody holds it, but not where there never was a lock', async () => {
    const parent = await temporaryDirectory();
    const [left, unlocked] = [join(parent, 'left'), join(parent, 'unlocked')];
    for (const path of [left, unlocked]) await mkdir(path);
    await (await tryLockFile(join(left, 'lock')))?.release();
    await removeIfAbandoned(left);
    await expect(removeIfAbandoned(unlocked)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await readdir(parent)).toEqual(['unlocked']);
  });

  test('cannot be had when it is removed before it is locked', async () => {
    const path = join(await temporaryDirectory(), 'gone');
    await mkdir(path);
    await rm(path, { recursive: true });
    expect(await lockFolder(path)).toBeUndefined();
  });
});
