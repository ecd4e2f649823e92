import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LivenessTimer } from '../../../src/session/receiving/liveness-timer.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a sender of which nothing is heard for eight seconds after a stream has died is given up', () => {
  const onDespair = vi.fn();
  const timer = new LivenessTimer(onDespair);
  timer.begin();
  vi.advanceTimersByTime(5_000);
  // Another stream has died: no reason to wait longer.
  timer.begin();
  vi.advanceTimersByTime(2_999);
  expect(onDespair).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onDespair).toHaveBeenCalledOnce();
});

test('a sender that is heard again is waited for from the beginning when the next stream dies', () => {
  const onDespair = vi.fn();
  const timer = new LivenessTimer(onDespair);
  timer.begin();
  vi.advanceTimersByTime(7_000);
  timer.end();
  vi.advanceTimersByTime(60_000);
  expect(onDespair).not.toHaveBeenCalled();
  timer.begin();
  vi.advanceTimersByTime(7_999);
  expect(onDespair).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(onDespair).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});
