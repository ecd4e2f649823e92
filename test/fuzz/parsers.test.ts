import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hasCode, OnionferryError } from '../../src/base/errors.js';
import { addCase, readCases } from './cases.js';
import { damagedText } from './damaged.js';
import { outcomeOf } from './outcome.js';
import { textTarget } from './target.js';
import { TARGETS } from './targets.js';

const RUNS = 100;
const cases = await readCases();

describe.each(TARGETS)('the parser of $name', ({ name, run, judge }) => {
  it('takes or refuses whatever comes, always alike and in its own words', async () => {
    // It was not damage alone that it got.
    expect(await run({ runs: RUNS })).toBeGreaterThan(0);
  });

  it('does so with everything that was found before', async () => {
    for (const input of cases.get(name) ?? []) await judge(input);
  });
});

describe('the search itself', () => {
  it('has a target for each recorded case, and one name for each target', () => {
    const names = TARGETS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect([...cases.keys()].filter((name) => !names.includes(name))).toEqual([]);
  });

  it('finds a defect in a parser, and remembers the smallest input that shows it', async () => {
    const found: unknown[] = [];
    const broken = textTarget({
      name: 'numbers',
      inputs: damagedText('{"number":1}'),
      async judge(text) {
        await outcomeOf(() => {
          if (text.includes('__proto__')) throw new TypeError('a defect');
          throw new OnionferryError('ERR_PROTOCOL', 'not understood');
        }, 'ERR_PROTOCOL');
        return false;
      },
    });
    await expect(
      broken.run({ runs: 10_000, seed: 1, found: (input) => found.push(input) }),
    ).rejects.toThrow('Counterexample');
    expect(found).toEqual([expect.stringContaining('__proto__')]);

    const folder = await mkdtemp(join(tmpdir(), 'onionferry-cases-'));
    const path = join(folder, 'cases.json');
    await writeFile(path, '{}');
    await addCase('numbers', '\ud800', path);
    await addCase('numbers', Uint8Array.from([0xff]), path);
    expect((await readCases(path)).get('numbers')).toEqual(['\ud800', Uint8Array.from([0xff])]);
    await rm(folder, { recursive: true });
  });

  it('lets no error pass as an answer that is of no kind expected', async () => {
    const failing = (error: Error) => async (): Promise<never> => {
      await Promise.resolve();
      throw error;
    };
    const internal = new OnionferryError('ERR_INTERNAL', 'a defect');
    await expect(outcomeOf(failing(internal))).rejects.toThrow('a defect');
    await expect(outcomeOf(failing(new TypeError('a defect')))).rejects.toThrow('a defect');
    const refusal = new OnionferryError('ERR_PASSWORD', 'no');
    expect(hasCode(refusal, 'ERR_PASSWORD')).toBe(true);
    expect(await outcomeOf(failing(refusal))).toEqual({ refused: true });
    await expect(outcomeOf(failing(refusal), 'ERR_PROTOCOL')).rejects.toThrow('no');
  });
});
