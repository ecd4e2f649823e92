import { expect, test } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { type Change, forecast, type RatedRelay, seeded, Weather } from './weather.js';

function first(count: number, changes: Iterator<Change>): Change[] {
  return Array.from({ length: count }, () => changes.next().value as Change);
}

test('the same seed brings the same changes, another seed others', () => {
  expect(first(20, forecast(3, 24, 15))).toEqual(first(20, forecast(3, 24, 15)));
  expect(first(20, forecast(3, 24, 15))).not.toEqual(first(20, forecast(4, 24, 15)));
});

test('changes come in order, of each kind, and none to a relay that is changed', () => {
  const changes = first(200, forecast(1, 4, 5));
  expect(changes.map(({ at }) => at)).toEqual(changes.map(({ at }) => at).sort((a, b) => a - b));
  expect(new Set(changes.map(({ kind }) => kind))).toEqual(new Set(['gone', 'slow', 'deaths']));
  const until = [0, 0, 0, 0];
  for (const change of changes) {
    if (change.kind === 'deaths') continue;
    expect(change.at).toBeGreaterThanOrEqual(until[change.relay] ?? Infinity);
    until[change.relay] = change.at + change.forSeconds;
  }
});

test('at the end every relay is as before, and each time has its own rates', async () => {
  const done: string[] = [];
  const note = (what: string): Promise<void> => {
    done.push(what);
    return Promise.resolve();
  };
  const began = deferred<true>();
  const relay = (name: string): RatedRelay => ({
    relay: {
      nickname: name,
      fingerprint: name,
      limit: (rate) => note(`${name} carries ${rate}`),
      kill: () => note(`${name} is gone`),
      start: () => void note(`${name} is back`),
    },
    rateBytes: 1000,
    changes: name !== 'guard',
  });
  const weather = new Weather(['guard', 'a', 'b'].map(relay));
  const changes: Change[] = [
    { at: 0, kind: 'slow', relay: 0, forSeconds: 60 },
    { at: 0, kind: 'gone', relay: 1, forSeconds: 60 },
    { at: 0, kind: 'deaths' },
  ];
  weather.begin(changes.values(), () => {
    began.resolve(true);
    return Promise.resolve();
  });
  await began.promise;
  const spells = await weather.end();
  expect(done).toEqual(['a carries 250', 'b is gone', 'a carries 1000', 'b is back']);
  expect(spells.map(({ rates }) => [...rates.values()])).toEqual([
    [1000, 1000, 1000],
    [1000, 250, 1000],
    [1000, 250, 0],
  ]);
});

test('a seed gives numbers from 0 to 1', () => {
  const random = seeded(9);
  const numbers = Array.from({ length: 1000 }, random);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
});
