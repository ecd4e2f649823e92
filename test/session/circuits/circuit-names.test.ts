import { expect, test } from 'vitest';
import { newCircuitNames } from '../../../src/session/circuits/circuit-names.js';

test('the first stream goes where the requests go, and every other over a circuit of its own', () => {
  const names = newCircuitNames();
  expect(names(0)).toBe('0');
  expect([names(1), names(1)]).toEqual([names(1), names(1)]);
  expect(new Set([0, 1, 2, 12].map(names)).size).toBe(4);
});

test('another meeting has other circuits', () => {
  const [before, after] = [newCircuitNames(), newCircuitNames()];
  expect([before(0), after(0)]).toEqual(['0', '0']);
  expect(before(1)).not.toBe(after(1));
});
