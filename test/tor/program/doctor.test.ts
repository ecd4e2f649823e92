import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { examine } from '../../../src/tor/program/doctor.js';
import { writeTor } from './fake-tor.js';

let directory = '';
let dataDir = '';
let program = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'onionferry-doctor-'));
  dataDir = join(directory, 'data');
  program = await writeTor(join(directory, 'tor'), '0.4.9.11');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function result(check: string, now?: number): Promise<unknown> {
  const results = await examine({ program, dataDir }, now);
  expect(results.map((one) => one.check)).toEqual(['program', 'data-directory', 'clock']);
  return results.find((one) => one.check === check);
}

describe('examining a machine', () => {
  test('finds nothing wrong on a machine that is fine, and changes nothing', async () => {
    const results = await examine({ program, dataDir });
    expect(results.filter(({ ok }) => !ok)).toEqual([]);
    expect(results[0]?.detail).toBe(`tor 0.4.9.11 is at ${program} (as asked for)`);
    expect(results[1]?.detail).toBe(`${dataDir} can be created`);
    expect(await readdir(directory)).toEqual(['tor']);
    await mkdir(dataDir, { mode: 0o700 });
    expect(await result('data-directory')).toEqual({
      check: 'data-directory',
      ok: true,
      detail: `${dataDir} is private and can be written to`,
    });
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('says which tor is too old', async () => {
    await writeTor(program, '0.4.8.12');
    expect(await result('program')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('is tor 0.4.8.12') as string,
    });
  });

  test('says that other users can read the data directory', async () => {
    await mkdir(dataDir);
    await chmod(dataDir, 0o755);
    expect(await result('data-directory')).toEqual({
      check: 'data-directory',
      ok: false,
      detail: `other users can read ${dataDir}`,
      hint: `run "chmod 700 ${dataDir}"`,
    });
  });

  test('says that the data directory is a file', async () => {
    await writeFile(dataDir, '');
    expect(await result('data-directory')).toMatchObject({
      ok: false,
      detail: `${dataDir} is not a directory`,
    });
    dataDir = join(dataDir, 'below');
    expect(await result('data-directory')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('ENOTDIR') as string,
    });
  });

  test('says that the clock is slow if it is before the release of the pinned bundle', async () => {
    expect(await result('clock', Date.UTC(1970, 0, 1, 0, 5))).toMatchObject({
      ok: false,
      detail: expect.stringContaining("this machine's clock says 1970-01-01 00:05 UTC") as string,
      hint: expect.stringContaining('set the clock') as string,
    });
    expect(await result('clock', Date.UTC(2030, 0, 1))).toMatchObject({ ok: true });
  });
});
