import { describe, expect, test } from 'vitest';
import { OnionferryError } from '../../../src/base/errors.js';
import { RestartPolicy } from '../../../src/tor/supervise/restart-policy.js';

const DEATH = new OnionferryError('ERR_TOR_DIED', 'tor was killed by SIGKILL');
const NO_NETWORK = new OnionferryError('ERR_TOR_BOOTSTRAP', 'tor gets no further than 0 %');
const NOBODY = new OnionferryError('ERR_TOR_CONTROL', "cannot reach tor's control port");

describe('a tor of our own that has ended', () => {
  test('is restarted after growing pauses, and given up at the fifth failure', () => {
    const restartPolicy = new RestartPolicy(true, 0, () => 0);
    const pauses: number[] = [];
    for (let failure = 0; failure < 4; failure++) {
      restartPolicy.failed(DEATH);
      pauses.push(restartPolicy.pauseMs());
    }
    expect(pauses).toEqual([500, 1000, 2000, 4000]);
    expect(() => restartPolicy.failed(DEATH)).toThrow(
      expect.objectContaining({
        code: 'ERR_TOR_DIED',
        message: 'tor does not stay up: tor was killed by SIGKILL',
        cause: DEATH,
      }),
    );
  });

  test('is given up even if each restart succeeds, but none lasts', () => {
    let now = 0;
    const restartPolicy = new RestartPolicy(true, 0, () => now);
    for (let failure = 0; failure < 4; failure++) {
      restartPolicy.failed(DEATH);
      restartPolicy.succeeded();
      now += 100_000;
    }
    expect(() => restartPolicy.failed(DEATH)).toThrow(/does not stay up/);
  });

  test('is restarted without end if it lasts for a while each time', () => {
    let now = 0;
    const restartPolicy = new RestartPolicy(true, 0, () => now);
    for (let failure = 0; failure < 100; failure++) {
      restartPolicy.failed(DEATH);
      expect(restartPolicy.pauseMs()).toBe(500);
      restartPolicy.succeeded();
      now += 120_000;
    }
  });

  test('is not given up for lack of a network, and gets as much time as its first start', () => {
    for (const [longestStepMs, stallMs] of [
      [700, 5_000],
      [9_000, 18_000],
      [50_000, 60_000],
    ] as const) {
      const restartPolicy = new RestartPolicy(true, longestStepMs, () => 0);
      const starts: string[] = [];
      for (let failure = 0; failure < 100; failure++) {
        restartPolicy.failed(NO_NETWORK);
        starts.push(`${restartPolicy.stallMs} ms after ${restartPolicy.pauseMs()} ms`);
      }
      expect(starts[0]).toBe(`${stallMs} ms after 0 ms`);
      expect(new Set(starts.slice(1, 30))).toEqual(new Set([`${stallMs} ms after 1000 ms`]));
      expect(starts.slice(30)).toContain('60000 ms after 1000 ms');
      restartPolicy.failed(DEATH);
      expect(restartPolicy.pauseMs()).toBe(500);
    }
  });
});

describe("a tor of somebody else's that has gone", () => {
  test('is waited for during ten minutes', () => {
    let now = 0;
    const restartPolicy = new RestartPolicy(false, 0, () => now);
    restartPolicy.failed(DEATH);
    while (now < 580_000) {
      now += restartPolicy.pauseMs();
      restartPolicy.failed(NOBODY);
    }
    expect(restartPolicy.pauseMs()).toBe(10_000);
    now = 600_000;
    expect(() => restartPolicy.failed(NOBODY)).toThrow(
      /^the running tor does not come back: cannot/,
    );
  });
});
