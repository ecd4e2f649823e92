import { expect, test } from 'vitest';
import { bytesText, countText, rateText, secondsText } from '../../src/base/quantities.js';

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [99_940, '99.9 kB'],
  [99_960, '100 kB'],
  [999_949, '1000 kB'],
  [999_950, '1.0 MB'],
  [4_900_000, '4.9 MB'],
  [1_073_741_824, '1.1 GB'],
  [2e12, '2.0 TB'],
  [5e15, '5.0 PB'],
  [1e21, '1000000 PB'],
])('%d bytes are %s', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test('a rate is of bytes in a second', () => {
  expect(rateText(5_242_880)).toBe('5.2 MB/s');
});

test.each([
  [0, '0.1s'],
  [0.44, '0.4s'],
  [9.94, '9.9s'],
  [9.96, '10s'],
  [59.6, '1m 00s'],
  [185, '3m 05s'],
  [3599.7, '1h 00m'],
  [7800, '2h 10m'],
  [90_000, '1d 1h'],
])('%d seconds are %s', (seconds, text) => {
  expect(secondsText(seconds)).toBe(text);
});

test('one is one and others are many', () => {
  expect([0, 1, 2].map((count) => countText(count, 'file'))).toEqual([
    '0 files',
    '1 file',
    '2 files',
  ]);
});
