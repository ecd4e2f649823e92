import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseKeywords, quote, unquote } from '../../../src/tor/control/quoting.js';

const printable = fc
  .oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: fc.constantFrom('\\', '"', '1', '0', 'n', 'é') }),
  )
  .filter((text) => !/[\p{Cc}]/u.test(text));

describe('quoting for tor', () => {
  test('is undone by unquoting, for any text', () => {
    fc.assert(
      fc.property(printable, (text) => {
        expect(unquote(quote(text))).toBe(text);
      }),
    );
  });

  test('survives in a line between other words', () => {
    fc.assert(
      fc.property(printable, printable, (a, b) => {
        const { words, keywords } = parseKeywords(`ONE A=${quote(a)} TWO B=${quote(b)} C=plain`);
        expect(words).toEqual(['ONE', 'TWO']);
        expect(Object.fromEntries(keywords)).toEqual({ A: a, B: b, C: 'plain' });
      }),
    );
  });

  test.each([
    'a\nb',
    'a\rb',
    'a\0b',
    'a\u007fb',
    '\t',
  ])('refuses the control character in %j', (text) => {
    expect(() => quote(text)).toThrow(expect.objectContaining({ code: 'ERR_TOR_CONTROL' }));
  });

  test("reads tor's own escapes, several octets making one character", () => {
    expect(unquote('"a\\tb\\n\\"c\\"\\\\d"')).toBe('a\tb\n"c"\\d');
    expect(unquote('"\\303\\251"')).toBe('é');
    expect(unquote('bare')).toBe('bare');
  });
});
