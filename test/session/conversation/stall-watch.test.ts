import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { isPassing, isResumable, type OnionferryError } from '../../../src/base/errors.js';
import {
  type Due,
  PeerStalled,
  STALL_MAX_MS,
  StallWatch,
} from '../../../src/session/conversation/stall-watch.js';

const SECOND_MS = 1_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Watched {
  readonly watch: StallWatch;
  /** What is due is `due.now`. */
  readonly due: { now: Due };
  readonly told: string[];
  readonly gone: OnionferryError[];
  readonly end: () => void;
}

function watched(maxMs?: number, tellEveryMs?: number): Watched {
  const told: string[] = [];
  const gone: OnionferryError[] = [];
  const due: { now: Due } = { now: 'content' };
  const watch = new StallWatch({
    what: (which) => `no ${which} has come`,
    maxMs,
    tellEveryMs,
    onStalled: (reason) => told.push(reason),
  });
  const end = watch.watch(
    () => due.now,
    (error) => gone.push(error),
  );
  return { watch, due, told, gone, end };
}

describe('a side that answers and brings nothing', () => {
  test('is told of every half a minute, and left after ten minutes', () => {
    const { told, gone } = watched();
    vi.advanceTimersByTime(29 * SECOND_MS);
    expect(told).toEqual([]);
    vi.advanceTimersByTime(SECOND_MS);
    expect(told).toEqual(['no content has come for 30 s']);
    vi.advanceTimersByTime(59 * SECOND_MS);
    expect(told).toEqual(['no content has come for 30 s', 'no content has come for 60 s']);
    vi.advanceTimersByTime(STALL_MAX_MS - 90 * SECOND_MS);
    expect(gone).toEqual([]);
    vi.advanceTimersByTime(SECOND_MS);
    expect(gone).toHaveLength(1);
    expect(gone[0]).toMatchObject({ code: 'ERR_PEER_GONE', course: 'resumable' });
    expect(gone[0]?.message).toMatch(/^no content has come for 600 s, /);
  });

  test('is told of and left when the user wants it', () => {
    const { told, gone } = watched(5 * SECOND_MS, 2 * SECOND_MS);
    vi.advanceTimersByTime(5 * SECOND_MS);
    expect(told).toEqual(['no content has come for 2 s', 'no content has come for 4 s']);
    expect(gone.map((error) => error instanceof PeerStalled)).toEqual([true]);
  });

  test('is forgiven as soon as it brings something', () => {
    const { watch, told, gone } = watched(10 * SECOND_MS, 4 * SECOND_MS);
    for (let round = 0; round < 10; round++) {
      vi.advanceTimersByTime(9 * SECOND_MS);
      watch.touch();
    }
    expect(gone).toEqual([]);
    expect(told).toEqual(
      Array.from({ length: 10 }, () => [4, 8].map((s) => `no content has come for ${s} s`)).flat(),
    );
  });

  test('has all its time for what is not due, and what it owed before that is not forgotten', () => {
    const { due, told, gone } = watched(10 * SECOND_MS, 60 * SECOND_MS);
    vi.advanceTimersByTime(9 * SECOND_MS);
    due.now = 'nothing';
    vi.advanceTimersByTime(3600 * SECOND_MS);
    expect([told, gone]).toEqual([[], []]);
    due.now = 'content';
    vi.advanceTimersByTime(SECOND_MS);
    expect(gone).toHaveLength(1);
  });

  test('may take as long as it takes for a word about its end, and is told of all the same', () => {
    const { due, told, gone } = watched(10 * SECOND_MS, 60 * SECOND_MS);
    due.now = 'word';
    vi.advanceTimersByTime(180 * SECOND_MS);
    expect(told).toEqual([60, 120, 180].map((s) => `no word has come for ${s} s`));
    expect(gone).toEqual([]);
  });

  test('is not blamed for the time in which this machine slept', () => {
    const { told, gone } = watched(20 * SECOND_MS, 10 * SECOND_MS);
    vi.advanceTimersByTime(SECOND_MS);
    const before = performance.now();
    // No timer runs meanwhile; one look later, an hour has passed.
    const clock = vi.spyOn(performance, 'now').mockReturnValue(before + 3600 * SECOND_MS);
    vi.advanceTimersByTime(SECOND_MS);
    expect([told, gone]).toEqual([[], []]);
    clock.mockRestore();
  });

  test('is no better when it comes again without bringing anything', () => {
    const { watch, end, gone } = watched(10 * SECOND_MS, 60 * SECOND_MS);
    vi.advanceTimersByTime(9 * SECOND_MS);
    end();
    const again: OnionferryError[] = [];
    vi.advanceTimersByTime(60 * SECOND_MS);
    const endAgain = watch.watch(
      () => 'content',
      (error) => again.push(error),
    );
    vi.advanceTimersByTime(SECOND_MS);
    expect(again).toHaveLength(1);
    endAgain();
    expect(vi.getTimerCount()).toBe(0);
    expect(gone).toEqual([]);
  });

  test('is left without a word where nobody wants to be told', () => {
    const gone: OnionferryError[] = [];
    const watch = new StallWatch({
      what: () => 'nothing has come',
      maxMs: 3 * SECOND_MS,
      tellEveryMs: SECOND_MS,
      onStalled: undefined,
    });
    watch.watch(
      () => 'content',
      (error) => gone.push(error),
    );
    vi.advanceTimersByTime(3 * SECOND_MS);
    expect(gone).toHaveLength(1);
  });

  test('ends this process, but not what has arrived', () => {
    const error = new PeerStalled('nothing has come for 600 s');
    expect([isPassing(error), isResumable(error)]).toEqual([false, true]);
  });
});
