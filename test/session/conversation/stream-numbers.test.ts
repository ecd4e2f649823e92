import { expect, test } from 'vitest';
import { STREAM_NUMBERS } from '../../../src/relay-protocol/wire.js';
import { isAdded, leadNumber } from '../../../src/session/conversation/stream-numbers.js';

/** Far more than fit into the minute in which a meeting has to begin. */
const ATTEMPTS = 1_000;

test('the streams that lead never use a number twice, nor one that a relay would refuse', () => {
  const numbers = Array.from({ length: ATTEMPTS }, (_, attempt) => leadNumber(attempt));
  expect(numbers[0]).toBe(0);
  expect(new Set(numbers).size).toBe(ATTEMPTS);
  expect(Math.max(...numbers)).toBeLessThan(STREAM_NUMBERS);
});

test('a recipient may add streams, but none that may lead', () => {
  const added = Array.from({ length: STREAM_NUMBERS + 1 }, (_, number) => number).filter(isAdded);
  expect(added[0]).toBe(1);
  expect(added.length).toBeGreaterThan(1_000);
  const leads = Array.from({ length: ATTEMPTS }, (_, attempt) => leadNumber(attempt));
  expect(added.filter((number) => leads.includes(number))).toEqual([]);
  for (const number of [-1, 0, STREAM_NUMBERS / 2, STREAM_NUMBERS])
    expect(isAdded(number)).toBe(false);
});
