import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { watchFileCalls } from '../support/file-calls.js';
import {
  attempt,
  callsOf,
  diskInMemory,
  outcomeOf,
  problemsOf,
  type Scenario,
  SOFT,
  TIMEOUT_MS,
} from './support/failing-disk.js';
import { NAMES, visible } from './support/receiving.js';

/** One of each kind that anything here tells from the others. */
const KINDS = ['ENOSPC', 'EIO', 'EINVAL', 'EPERM'];

const CHANGES =
  /^(openSync|open|handle.write|writeSync|mkdir|mkdirSync|rename|link|symlinkSync|handle.sync|handle.datasync) OUT/;

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
      const tries = ['ENOSPC', 'EROFS', 'EIO'].map(async (code) => {
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
