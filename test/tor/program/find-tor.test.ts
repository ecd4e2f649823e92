import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { findTor } from '../../../src/tor/program/find-tor.js';
import { writeProgram, writeTor } from './fake-tor.js';

let directory = '';
let vendored = '';
let dataDir = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'onionferry-find-'));
  vendored = join(directory, 'vendored');
  dataDir = join(directory, 'data');
  usePath('empty');
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(directory, { recursive: true, force: true });
});

/** The shell that runs the scripts is named by its path, so PATH may hold these alone. */
function usePath(...names: string[]): void {
  vi.stubEnv('PATH', names.map((name) => join(directory, name)).join(':'));
}

function find(program?: string): ReturnType<typeof findTor> {
  return findTor({ program, dataDir, directories: [vendored] });
}

async function vendor(version: string): Promise<void> {
  await writeTor(join(vendored, 'bin/tor'), version);
  await writeFile(
    join(vendored, 'installed.json'),
    JSON.stringify({ source: 'bundle', program: 'bin/tor', libraries: ['lib'] }),
  );
}

describe('finding a tor', () => {
  test('takes the one asked for before all others', async () => {
    const path = await writeTor(join(directory, 'mine/tor'), '0.4.9.11');
    await vendor('0.4.9.13');
    const expected = { path, version: '0.4.9.11', source: 'option' };
    expect(await find(path)).toEqual(expected);
    expect(await find(relative(process.cwd(), path))).toEqual(expected);
  });

  test('takes a bare name from PATH, as a shell does', async () => {
    const path = await writeTor(join(directory, 'first/tor-nightly'), '0.5.0.0-alpha-dev');
    usePath('empty', 'first');
    expect(await find('tor-nightly')).toEqual({
      path,
      version: '0.5.0.0-alpha-dev',
      source: 'option',
    });
    await expect(find('tor-weekly')).rejects.toMatchObject({
      code: 'ERR_TOR_MISSING',
      message: 'There is no program tor-weekly in PATH',
    });
  });

  test('says clearly that the one asked for is too old, and looks no further', async () => {
    const path = await writeTor(join(directory, 'mine/tor'), '0.4.8.12');
    await vendor('0.4.9.13');
    await expect(find(path)).rejects.toMatchObject({
      code: 'ERR_TOR_TOO_OLD',
      message: `${path} is tor 0.4.8.12, and the Tor network no longer accepts a tor before 0.4.9; upgrade it, or leave --tor out to use or install another`,
    });
  });

  test('says why the one asked for is not tor', async () => {
    const path = join(directory, 'mine/tor');
    await writeProgram(path, 'echo "I am torsocks"');
    await expect(find(path)).rejects.toMatchObject({
      code: 'ERR_TOR_MISSING',
      message: `${path} is not a tor that runs here (I am torsocks)`,
    });
    await chmod(path, 0o644);
    await expect(find(path)).rejects.toThrow(/is not a tor that runs here \(.*EACCES/);
    await expect(find(join(directory, 'absent'))).rejects.toThrow(/ENOENT/);
  });

  test('takes the vendored one before PATH, with its own libraries', async () => {
    await vendor('0.4.9.13');
    await writeTor(join(directory, 'first/tor'), '0.4.9.14');
    usePath('first');
    expect(await find()).toEqual({
      path: join(vendored, 'bin/tor'),
      version: '0.4.9.13',
      libraryPath: join(vendored, 'lib'),
      source: 'vendored',
    });
  });

  test.each([
    ['no longer runs', () => rm(join(vendored, 'bin/tor'))],
    ['has become too old', () => vendor('0.4.8.1')],
    ['has lost its description', () => rm(join(vendored, 'installed.json'))],
    [
      'describes a program outside its directory',
      () =>
        writeFile(
          join(vendored, 'installed.json'),
          '{"source":"apt","program":"../first/tor","libraries":[]}',
        ),
    ],
  ])('falls back to PATH if the vendored one %s', async (_what, spoil) => {
    await vendor('0.4.9.13');
    await spoil();
    const path = await writeTor(join(directory, 'first/tor'), '0.4.9.14');
    usePath('first');
    expect(await find()).toEqual({ path, version: '0.4.9.14', source: 'path' });
  });

  test('passes over programs in PATH that are too old or not tor', async () => {
    await writeTor(join(directory, 'first/tor'), '0.4.8.12');
    await mkdir(join(directory, 'second/tor'), { recursive: true });
    const path = await writeTor(join(directory, 'third/tor'), '0.4.9.11');
    usePath('first', 'second', 'third');
    expect(await find()).toMatchObject({ path, source: 'path' });
  });

  test('says that the only one in PATH is too old', async () => {
    const path = await writeTor(join(directory, 'first/tor'), '0.4.6.10');
    usePath('first');
    await expect(find()).rejects.toMatchObject({
      code: 'ERR_TOR_TOO_OLD',
      message: `${path} is tor 0.4.6.10, and the Tor network no longer accepts a tor before 0.4.9; upgrade it, or run "onionferry tor install"`,
    });
  });

  test('says what to do if there is none at all', async () => {
    await expect(find()).rejects.toMatchObject({
      code: 'ERR_TOR_MISSING',
      message: expect.stringContaining('onionferry tor install') as string,
    });
  });

  test('hides our own variables from a child', async () => {
    vi.stubEnv('ONIONFERRY_PASSWORD', 'five-words-that-are-secret');
    const path = join(directory, 'mine/tor');
    await writeProgram(path, 'echo "Tor version 0.4.9.1."; echo "$ONIONFERRY_PASSWORD" > "$0.saw"');
    await find(path);
    expect(await readFile(`${path}.saw`, 'utf8')).toBe('\n');
  });

  test('ends what it runs, children too, when it is aborted', async () => {
    const path = join(directory, 'mine/tor');
    await writeProgram(path, '/bin/sleep 60; echo "Tor version 0.4.9.1."');
    await expect(
      findTor({ program: path, dataDir, signal: AbortSignal.timeout(200) }),
    ).rejects.toMatchObject({ name: 'TimeoutError' });
  });
});
