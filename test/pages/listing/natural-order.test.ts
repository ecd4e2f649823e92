import { expect, test } from 'vitest';
import { compareNaturally, folded } from '../../../src/pages/listing/natural-order.js';

test('numbers in names are sorted by their value, and case makes no difference', () => {
  const names = ['zebra', 'a 10', 'Ärger', 'a 2', 'A 007', 'apfel', 'Zoo'];
  const sorted = ['a 2', 'A 007', 'a 10', 'apfel', 'Ärger', 'zebra', 'Zoo'];
  expect(names.sort(compareNaturally)).toEqual(sorted);
});

test('a search finds names without their case and accents', () => {
  expect(folded('Straße ÜBER Café')).toBe('straße uber cafe');
});
