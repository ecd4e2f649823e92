import { describe, expect, test } from 'vitest';
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

/** log2 of 7,772. */
const LISTED = 12.9;
/** What guessers try first. */
const COMMON = 7;

describe('a guesser has to try', () => {
  test.each<[string, string, number]>([
    ['each word of the list', 'zoom', LISTED],
    ['also one in which another word is', 'glove', LISTED],
    ['them in any number, with what stands between', 'zoom abacus-sprint', 3 * LISTED + 2],
    ['them written together', 'zoomabacus', 2 * LISTED],
    ['what people like most, alone', 'letmein', COMMON],
    ['and together', 'letmeintrustno', 2 * COMMON],
    ['and with a word of the list', 'letmeinzoom', COMMON + LISTED],
    ['a year of theirs', '1987', COMMON],
    ['and of this century', '2024', COMMON],
    ['digits one by one', '4071', 4 * 3.3],
    ['what looks like a year, but is none', '1887', 4 * 3.3],
    ['more digits than a year has', '19871', 5 * 3.3],
    ['and before them', '71987', 5 * 3.3],
    ['two letters that follow each other', 'letmeinab', COMMON + 2 * 4.7],
    ['a run of digits', '123456', COMMON],
    ['and downwards', '654321', COMMON],
    ['and of one of them', '000000', COMMON],
    ['but of two of them no more than both', '12', 2 * 3.3],
    ['letters in their order', 'abcdef', COMMON],
    ['and backwards', 'fedcba', COMMON],
    ['a row of keys', 'asdfgh', COMMON],
    ['and from its end', 'lkjhgfdsa', COMMON],
    ['and of a German keyboard', 'qwertzuiop', COMMON],
    ['and of a French one', 'azertyuiop', COMMON],
    ['its last row', 'zxcvbnm', COMMON],
    ['and the German one', 'yxcvbnm', COMMON],
    ['a row within a word', 'asdfgzoom', COMMON + LISTED],
    ['a letter', 'k', 3.3],
    ['and two that are no run', 'kx', 2 * 4.7],
    ['a word of some language by its length', 'gästehaus', 6 + 9 * 2.4],
    ['and a shorter one', 'jmkq', 6 + 4 * 2.4],
    ['each kind of mark once', '!?!', 2 * 5],
    ['a mark', '!', 3.3],
    ['the same mark as often as you like', '!!!!', 5],
    ['a space or a hyphen between', ' -', 2],
    ['and the same in any number', '----', 1],
    ['whether a letter is a capital', 'Zoom', LISTED + 1],
    ['and no more of several', 'ZOOM', LISTED + 1],
    ['whether something comes once more', 'zoom-zoom', LISTED + 1 + 1],
    ['and that in capitals', 'zoom-ZOOM', LISTED + 1 + 1 + 1],
    ['nothing for nothing', '', 0],
  ])('%s', (_, password, bits) => {
    expect(strengthOf(password)).toBeCloseTo(bits, 6);
  });

  test('what people like most before anything else, even with something behind it', () => {
    const common =
      'passwort passw pass admin root letmein geheim iloveyou loveyou trustno hallo changeme ' +
      'starwars pokemon samsung michael jordan jennifer ashley daniel thomas azerty onionferry tor ' +
      'torbrowser qwertz';
    for (const each of common.split(' ')) {
      expect([each, strengthOf(each)]).toEqual([each, COMMON]);
      expect([each, strengthOf(`${each}zoom`)]).toEqual([each, COMMON + LISTED]);
    }
  });

  test('the same for what is written in another way', () => {
    expect(strengthOf('ｚｏｏｍ')).toBe(strengthOf('zoom'));
  });

  test('no words in a run of letters that nobody types', () => {
    expect(strengthOf(`${'letmein'.repeat(9)}k`)).toBeCloseTo(9 * COMMON + 4.7, 6);
    expect(strengthOf(`${'letmein'.repeat(9)}kx`)).toBeCloseTo(6 + 65 * 2.4, 6);
  });
});
