import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askNames } from '../../../src/disk/names/ask-names.js';
import type { AskedNames } from '../../../src/disk/names/local-folder.js';
import type { Manifest } from '../../../src/stream/manifest.js';
import { localPathsInTurns } from '../../../src/transfer/destination/local-path.js';
import {
  type FileHook,
  hookFileCalls,
  systemError,
  watchFileCalls,
} from '../../support/file-calls.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** Refuses names that a pattern finds, with a code. */
function refusing(pattern: RegExp, code: string): FileHook {
  return (call) => {
    if (call.name === 'openSync' && pattern.test(basename(call.path)))
      throw systemError(code, call);
  };
}

describe('a file system that is asked about names', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  async function asked(hook: FileHook): Promise<AskedNames & { files: () => Promise<string[]> }> {
    const directory = await temporaryDirectory();
    const names = await hookFileCalls([directory], hook, () =>
      Promise.resolve(askNames(directory)),
    );
    if (names === undefined) throw new Error('it takes all names');
    return {
      legal: (name) => {
        // Asked again, under the same rules.
        let legal = '';
        void hookFileCalls([directory], hook, () => {
          legal = names.legal(name);
          return Promise.resolve();
        });
        return legal;
      },
      fold: (name) => names.fold(name),
      files: () => readdir(directory),
    };
  }

  test('that takes all of them is not asked about each', async () => {
    const directory = await temporaryDirectory();
    expect(askNames(directory)).toBeUndefined();
    expect(await readdir(directory)).toEqual([]);
  });

  test.each([
    'EINVAL',
    'ENOENT',
    'EPERM',
    'EILSEQ',
  ])('gets similar ones for those it refuses (%s)', async (code) => {
    const names = await asked(refusing(/[<>:"|?*\\]|[. ]$/, code));
    expect(
      ['12:30.png', 'what?.txt', 'a\\b', 'tail.', 'tail ', 'fine.txt', 'été'].map((name) =>
        names.legal(name),
      ),
    ).toEqual(['12_30.png', 'what_.txt', 'a_b', 'tail_', 'tail_', 'fine.txt', 'été']);
    expect(await names.files()).toEqual([]);
  });

  test('that takes only short names, or only ASCII, gets such', async () => {
    const short = await asked((call) => {
      if (call.name === 'openSync' && Buffer.byteLength(basename(call.path)) > 143) {
        throw systemError('ENAMETOOLONG', call);
      }
    });
    const legal = short.legal(`${'long '.repeat(40)}.txt`);
    expect(legal).toMatch(/^(long )+.*\.txt$/);
    expect(Buffer.byteLength(legal)).toBeLessThanOrEqual(143);
    const ascii = await asked(refusing(/[^ -~]/, 'EILSEQ'));
    expect(ascii.legal('été.txt')).toBe('_t_.txt');
  });

  test.each([
    'ENOSPC',
    'EROFS',
    'EIO',
  ])('is not blamed for what is no matter of names (%s)', async (code) => {
    await expect(asked(refusing(/:/, code))).rejects.toMatchObject({
      code: code === 'ENOSPC' ? 'ERR_DISK_FULL' : 'ERR_DESTINATION',
    });
  });

  test('that confuses cases gets numbers for names that differ only in that', async () => {
    const directory = await temporaryDirectory();
    const names = await hookFileCalls(
      [directory],
      // As if the first had been found again.
      refusing(/^(NAME|README)$/, 'EEXIST'),
      () => Promise.resolve(askNames(directory)),
    );
    const entries = ['Readme', 'README', 'other'].map(
      (name) => ({ type: 'file', path: [name], size: 1, mode: 0o644, mtime: 0 }) as const,
    );
    const manifest: Manifest = { kind: 'files', entries };
    expect((await localPathsInTurns(manifest, 'linux', names)).map(({ path }) => path[0])).toEqual([
      'Readme',
      'README (1)',
      'other',
    ]);
    expect((await localPathsInTurns(manifest, 'linux')).map(({ path }) => path[0])).toEqual([
      'Readme',
      'README',
      'other',
    ]);
    await writeFile(join(directory, 'still'), 'writable');
  });
});
