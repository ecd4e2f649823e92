import { expect, test } from 'vitest';
import { parseChoice, parseCount, parseDuration, parseSize } from '../../src/cli/arguments.js';

test.each([
  ['90s', 90_000],
  ['30m', 1_800_000],
  ['2h', 7_200_000],
  ['1d', 86_400_000],
  ['1h30m', 5_400_000],
])('%s is a duration of %d ms', (text, ms) => {
  expect(parseDuration(text, '--expires')).toBe(ms);
});

test.each([
  '',
  '30',
  'm',
  '-5m',
  '0s',
  '1.5h',
  '30 m',
  '30m ',
  '5y',
  '1h-',
  '30M',
])('%j is no duration', (text) => {
  expect(() => parseDuration(text, '--expires')).toThrow(
    '--expires takes a time such as 90s, 30m, 2h or 1d',
  );
});

test.each([
  ['0', 0],
  ['512', 512],
  ['500kB', 500_000],
  ['64MB', 64_000_000],
  ['64mb', 64_000_000],
  ['64 M', 64_000_000],
  ['1GiB', 1_073_741_824],
  ['1.5k', 1500],
])('%s is a size of %d bytes', (text, bytes) => {
  expect(parseSize(text, '--size')).toBe(bytes);
});

test.each(['', 'B', 'i', '-1', '1iB', '5XB', '1e9', '999999999TB'])('%j is no size', (text) => {
  expect(() => parseSize(text, '--size')).toThrow('--size takes a size such as');
});

test.each(['0', '33', '-1', '1.5', '', ' 1', '0x10', 'many'])('%j is no count up to 32', (text) => {
  expect(() => parseCount(text, '--circuits', 32)).toThrow(
    '--circuits takes a whole number from 1 to 32',
  );
});

test('counts from one to the most are taken', () => {
  expect([parseCount('1', '--circuits', 32), parseCount('32', '--circuits', 32)]).toEqual([1, 32]);
});

test('a choice is one of the choices, to the letter', () => {
  expect(parseChoice('b', '--which', ['a', 'b'])).toBe('b');
  expect(() => parseChoice('B', '--which', ['a', 'b'])).toThrow('--which takes one of a, b');
});
