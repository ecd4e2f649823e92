import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isUnsupported } from '../../src/disk/unsupported.js';
import { unwritable, unwritableData } from '../../src/disk/unwritable.js';
import { systemError, watchFileCalls } from '../support/file-calls.js';
import {
  attempt,
  callsOf,
  diskInMemory,
  HARD,
  KINDS,
  outcomeOf,
  problemsOf,
  type Scenario,
  SOFT,
  TIMEOUT_MS,
} from './support/failing-disk.js';
import { NAMES, visible } from './support/receiving.js';

const ALIKE: Readonly<Record<string, string>> = {
  EDQUOT: 'ENOSPC',
  EROFS: 'EIO',
  EMFILE: 'EIO',
  ENOSYS: 'EINVAL',
};

/**
 * Where this path tells codes apart. Lists that have all of a kind or none: whether a name is asked
 * about, and attributes, which are not wanted here.
 */
const TOLD_APART: Readonly<Record<string, readonly string[]>> = {
  'disk/unwritable.ts': ['EDQUOT', 'EROFS'],
  'disk/unsupported.ts': ['ENOSYS'],
  'disk/names/ask-names.ts': ['EDQUOT', 'EMFILE', 'EROFS'],
  'disk/extended-attributes.ts': ['ENOSYS'],
};
const SOURCES = fileURLToPath(new URL('../../src/', import.meta.url));

const CHANGES =
  /^(openSync|open|handle.write|writeSync|mkdir|mkdirSync|rename|link|symlinkSync|handle.sync|handle.datasync) OUT/;

test('four of eight codes stand for all of them', async () => {
  expect([...KINDS, ...Object.keys(ALIKE)].sort()).toEqual([...HARD, ...SOFT].sort());
  for (const [code, kind] of Object.entries(ALIKE)) {
    const [one, other] = [code, kind].map((each) =>
      systemError(each, { name: 'open', path: '/out' }),
    );
    expect(isUnsupported(one)).toBe(isUnsupported(other));
    expect(unwritable('/out', one).code).toBe(unwritable('/out', other).code);
    expect(unwritableData('/data', one).code).toBe(unwritableData('/data', other).code);
  }
  const found: Record<string, string[]> = {};
  for (const room of ['base', 'disk', 'session', 'stream', 'transfer']) {
    for (const name of await readdir(join(SOURCES, room), { recursive: true })) {
      // What is read to be sent, which is another side's matter.
      if (!name.endsWith('.ts') || /^(tree|source)\//.test(name)) continue;
      const text = await readFile(join(SOURCES, room, name), 'utf8');
      const codes = Object.keys(ALIKE).filter((code) => new RegExp(`\\b${code}\\b`).test(text));
      if (codes.length > 0) found[`${room}/${name}`] = codes.sort();
    }
  }
  expect(found).toEqual(TOLD_APART);
});

describe('a recipient whose disk fails', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  test.each([
    ['its content', 'handle.write OUT/STAGING/d/big#2'],
    ['its final names', 'link OUT/STAGING/solo#0'],
  ])(
    'at any one call, when it resumes in %s, does so as well',
    {
      timeout: TIMEOUT_MS,
    },
    async (_, begunUpTo) => {
      const disk = await diskInMemory();
      const scenario: Scenario = { conflict: 'rename', disk, begunUpTo };
      const problems: string[] = [];
      for (const call of await callsOf(scenario)) {
        // A record that this user may not open is not this user's.
        const codes = KINDS.filter((code) => code !== 'EPERM' || !call.includes('DATA'));
        const tries = codes.map(async (code) => {
          const tried = await attempt(scenario, (each) => (each === call ? code : undefined));
          problems.push(...(await problemsOf(tried, call)));
        });
        await Promise.all(tries);
      }
      expect(problems).toEqual([]);
    },
  );

  test('only by lacking links, times, modes and syncs gets everything, and is told', async () => {
    const scenario: Scenario = { conflict: 'rename', disk: await diskInMemory() };
    for (const code of [...SOFT, 'ENOTSUP', 'EOPNOTSUPP', 'EACCES']) {
      const { receiving, run } = await attempt(scenario, (call) =>
        /^(link|chmod|fchmodSync|futimesSync|handle.sync|handle.datasync) /.test(call)
          ? code
          : undefined,
      );
      expect(run.error, code).toBeUndefined();
      expect(run.received?.warnings, code).toEqual([
        'the file system does not keep times: those of 6 entries were not set',
        'the file system does not keep permissions: those of 6 entries were not set',
      ]);
      expect(await visible(receiving.directory), code).toEqual(NAMES);
      expect(await receiving.wrongFiles(), code).toEqual([]);
      expect(await receiving.leftBehind(), code).toEqual([]);
    }
  });

  test('from any call on does so as well', { timeout: TIMEOUT_MS }, async () => {
    const scenario: Scenario = { conflict: 'rename', disk: await diskInMemory() };
    const problems: string[] = [];
    for (const call of (await callsOf(scenario)).filter((each) => CHANGES.test(each))) {
      const tries = ['ENOSPC', 'EIO'].map(async (code) => {
        let hasBegun = false;
        const tried = await attempt(scenario, (each) => {
          hasBegun ||= each === call;
          return hasBegun && CHANGES.test(each) ? code : undefined;
        });
        expect(['refused', 'kept']).toContain(outcomeOf(tried.run));
        // From there on syncs have failed too.
        problems.push(...(await problemsOf(tried, `${call} and handle.datasync`)));
      });
      await Promise.all(tries);
    }
    expect(problems).toEqual([]);
  });
});
