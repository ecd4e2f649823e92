import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable, printableJson, printableText } from '../../src/base/printable.js';

/** All that is not a letter, mark, number, punctuation, symbol or space. */
const HARMFUL = /[^\p{L}\p{M}\p{N}\p{P}\p{S} \u{a0}\p{Zs}]/u;

const texts = fc.string({ unit: 'binary' });

test.each([
  ['report.pdf', 'report.pdf'],
  ['Ärger im Büro – 報告.txt 🎉', 'Ärger im Büro – 報告.txt 🎉'],
  ['\u001b[2J\u001b]0;owned\u0007', '\\u{1b}[2J\\u{1b}]0;owned\\u{7}'],
  ['a\u009b31mb', 'a\\u{9b}31mb'],
  ['one\ntwo\r\nthree\tfour', 'one\\u{a}two\\u{d}\\u{a}three\\u{9}four'],
  ['gpj.\u202efdp', 'gpj.\\u{202e}fdp'],
  ['a\u2066b\u200bc\ufeffd\u2028e', 'a\\u{2066}b\\u{200b}c\\u{feff}d\\u{2028}e'],
  ['tag\u{e0041}', 'tag\\u{e0041}'],
  ['half \ud83c', 'half \\u{d83c}'],
])('%j is shown as %s', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('nothing that a terminal obeys is left of any text', () => {
  fc.assert(fc.property(texts, (text) => !HARMFUL.test(printable(text))));
});

test('a text keeps its lines and tabs, and nothing else that a terminal obeys', () => {
  expect(printableText('a\r\n\tb\r\u001b[0m\n')).toBe('a\n\tb\\u{d}\\u{1b}[0m\n');
  fc.assert(
    fc.property(texts, (text) => !HARMFUL.test(printableText(text).replaceAll(/[\n\t]/g, ''))),
  );
});

test('JSON stands for the very same value and holds nothing that a terminal obeys', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.oneof(
          fc.constantFrom('\u001b', '\u009b', '\u202e', '\u{e0041}', '\ud800'),
          fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        ),
      }),
      (name) => {
        const json = printableJson({ name });
        expect(JSON.parse(json)).toEqual({ name });
        expect(json).not.toMatch(HARMFUL);
      },
    ),
  );
});
