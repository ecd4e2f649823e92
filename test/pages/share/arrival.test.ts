import { expect, test } from 'vitest';
import { arrivalMs } from '../../../src/pages/share/arrival.js';

const MB = 1_000_000;
const roundTripMs = 800;

test('a short reply on a circuit that is known arrives within seconds', () => {
  expect(arrivalMs({ bytes: 20_000, tookMs: 1, roundTripMs })).toBeLessThan(6_000);
  expect(arrivalMs({ bytes: 20_000, tookMs: 1, roundTripMs: 5_000 })).toBeGreaterThan(20_000);
  expect(arrivalMs({ bytes: 300_000, tookMs: 1, roundTripMs })).toBeGreaterThan(15_000);
});

test('a long reply shows by itself how fast its circuit is', () => {
  const fast = { bytes: 100 * MB, tookMs: 100_000, roundTripMs: undefined };
  expect(arrivalMs(fast)).toBe(3_000);
  expect(arrivalMs({ ...fast, tookMs: 2_000_000 })).toBeGreaterThan(20_000);
});

test('of a short reply on a circuit that has shown nothing, nothing can be told', () => {
  expect(arrivalMs({ bytes: 1000, tookMs: 1, roundTripMs: undefined })).toBeUndefined();
  expect(arrivalMs({ bytes: MB, tookMs: 1, roundTripMs: undefined })).toBeUndefined();
});
