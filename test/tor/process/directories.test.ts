import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { takeDataDirectory } from '../../../src/tor/process/data-directory.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe("tor's data directories", () => {
  test('are handed out one for each tor, the first free again later', async () => {
    await using home = await temporaryDirectory();
    const first = await takeDataDirectory(home.path);
    const second = await takeDataDirectory(home.path);
    expect([first.path, second.path]).toEqual([
      join(home.path, 'tor', '0'),
      join(home.path, 'tor', '1'),
    ]);
    expect(await modeOf(first.path)).toBe('700');
    await first.release();
    const third = await takeDataDirectory(home.path);
    expect(third.path).toBe(join(home.path, 'tor', '0'));
    await Promise.all([second.release(), third.release()]);
  });

  test('are kept, with what is in them, and closed to others again', async () => {
    await using home = await temporaryDirectory();
    await mkdir(join(home.path, 'tor', '0'), { recursive: true, mode: 0o755 });
    await writeFile(join(home.path, 'tor', '0', 'state'), 'guards');
    const taken = await takeDataDirectory(home.path);
    expect(await readdir(taken.path)).toEqual(['state']);
    expect(await modeOf(taken.path)).toBe('700');
    await taken.release();
  });

  test('are not taken through a link', async () => {
    await using home = await temporaryDirectory();
    await mkdir(join(home.path, 'tor'));
    await symlink(tmpdir(), join(home.path, 'tor', '0'));
    await expect(takeDataDirectory(home.path)).rejects.toMatchObject({ code: 'ERR_TOR_START' });
  });

  test('say where they cannot be made', async () => {
    await using home = await temporaryDirectory();
    await writeFile(join(home.path, 'file'), '');
    await expect(takeDataDirectory(join(home.path, 'file'))).rejects.toMatchObject({
      code: 'ERR_TOR_START',
      message: expect.stringContaining('--data-dir') as string,
    });
  });
});
