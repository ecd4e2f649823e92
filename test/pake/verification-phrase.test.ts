import { expect, test } from 'vitest';
import { verificationPhrase } from '../../src/pake/verification-phrase.js';
import { WORDS } from '../../src/pake/word-list.js';
import schedule from '../vectors/key-schedule.json' with { type: 'json' };

test.each(schedule.cases)('is that of the vector: $name', ({ verification, phrase }) => {
  expect(verificationPhrase(Buffer.from(verification, 'hex'))).toBe(phrase);
});

test('has five words, of which the first is the remainder', () => {
  const [first, second] = WORDS;
  const number = (n: number): Uint8Array => Uint8Array.from([...new Uint8Array(28), ...be32(n)]);
  expect(verificationPhrase(number(0))).toBe([first, first, first, first, first].join(' '));
  expect(verificationPhrase(number(1))).toBe([second, first, first, first, first].join(' '));
  const third = [first, second, first, first, first].join(' ');
  expect(verificationPhrase(number(WORDS.length))).toBe(third);
});

function be32(n: number): number[] {
  return [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
}
