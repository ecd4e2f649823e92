import { expect, test } from 'vitest';
import { generatePassword } from '../../src/pake/password.js';
import { strengthOf } from '../../src/pake/password-strength.js';

test.each([
  ['a single letter', 'a'],
  ['a common password with a year and a mark', 'Password2024!'],
  ['the same again and again', 'aaaaaaaaaaaaaaaa'],
  ['one word again and again', 'battery-battery-battery-battery'],
  ['a run along the keys', 'qwertyuiop123456'],
  ['numbers', '1-1-1-1-1'],
  ['two words', 'correct horse'],
])('%s is easy to guess', (_, password) => {
  expect(strengthOf(password)).toBeLessThan(36);
});

test.each([
  ['a sentence', 'for friends of mine'],
  ['a sentence in another language', 'gästehaus am see 12'],
  ['letters and digits by chance', 'x7Gq9Zp2Lm'],
])('%s is not', (_, password) => {
  expect(strengthOf(password)).toBeGreaterThan(40);
});

test('three generated words have what drawing them gives', () => {
  for (let i = 0; i < 100; i++) {
    const words = generatePassword().words.split('-').slice(0, 3);
    // One of 2,600 draws has a word twice.
    if (new Set(words).size < 3) continue;
    expect(strengthOf(words.join('-'))).toBeGreaterThanOrEqual(38.7);
  }
});

test('a password of any length is looked at in no time', () => {
  expect(strengthOf('q'.repeat(1000) + 'w'.repeat(100_000))).toBeGreaterThan(40);
});
