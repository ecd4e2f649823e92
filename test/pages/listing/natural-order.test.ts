import fc from 'fast-check';
import { expect, test } from 'vitest';
import { folded, sortNaturally } from '../../../src/pages/listing/natural-order.js';

test('numbers in names are sorted by their value, and case makes no difference', async () => {
  const names = ['zebra', 'a 10', 'Ärger', 'a 2', 'A 007', 'apfel', 'Zoo'];
  const sorted = ['a 2', 'A 007', 'a 10', 'apfel', 'Ärger', 'zebra', 'Zoo'];
  expect(await sortNaturally(names)).toEqual(sorted);
});

test('any names are in the order of Intl.Collator', async () => {
  const { compare } = new Intl.Collator('en', { numeric: true });
  const piece = fc.oneof(
    fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }),
    fc.nat({ max: 300 }).map(String),
    fc.constantFrom(
      '0',
      '00',
      'a',
      'A',
      'ä',
      'a\u0308',
      'e\u0301',
      'É',
      'ß',
      'ss',
      'ﬁ',
      '①',
      '界',
      '🦀',
    ),
    fc.constantFrom('\u0308', '\u034f', '\u0363', '\u200d', '½', 'æ', 'ø', '_', '-', ' ', '.', "'"),
  );
  const name = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(''));
  await fc.assert(
    fc.asyncProperty(fc.array(name, { maxLength: 40 }), async (names) => {
      expect(await sortNaturally(names)).toEqual([...names].sort(compare));
    }),
    { numRuns: 300 },
  );
});

test('a search finds names without their case and accents', () => {
  expect(folded('Straße ÜBER Café')).toBe('straße uber cafe');
});
