import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  concat,
  equalBytes,
  fromBase64Url,
  fromUtf8,
  randomBytes,
  toBase64Url,
  utf8,
} from '../../src/base/bytes.js';

describe('utf8 and fromUtf8', () => {
  it('are the inverse of each other for well-formed text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(fromUtf8(utf8(text))).toBe(text);
      }),
    );
  });

  it.each([
    [[0xff]],
    [[0xc0, 0x80]],
    [[0xed, 0xa0, 0x80]],
    [[0xe6, 0xbc]],
  ])('refuse %j, which is no UTF-8', (bytes) => {
    expect(() => fromUtf8(Uint8Array.from(bytes))).toThrow(TypeError);
  });
});

describe('concat', () => {
  it('joins its parts into new memory', () => {
    const part = Uint8Array.of(1, 2);
    const whole = concat(part, new Uint8Array(), Uint8Array.of(3));
    part.fill(0);
    expect(whole).toEqual(Uint8Array.of(1, 2, 3));
    expect(concat()).toEqual(new Uint8Array());
  });
});

describe('randomBytes', () => {
  it('gives as many as asked for, others each time', () => {
    expect(randomBytes(0)).toHaveLength(0);
    expect(randomBytes(32)).toHaveLength(32);
    expect(randomBytes(32)).not.toEqual(randomBytes(32));
  });
});

describe('equalBytes', () => {
  it('is true for the same bytes alone', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), fc.integer({ min: 1, max: 255 }), (a, at, change) => {
        expect(equalBytes(a, a.slice())).toBe(true);
        expect(equalBytes(a, concat(a, Uint8Array.of(0)))).toBe(false);
        if (a.length === 0) return;
        const index = at % a.length;
        expect(equalBytes(a, a.with(index, (a[index] ?? 0) ^ change))).toBe(false);
      }),
    );
  });
});

describe('toBase64Url and fromBase64Url', () => {
  it('write what Buffer writes and read it back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toBase64Url(bytes);
        expect(text).toBe(Buffer.from(bytes).toString('base64url'));
        expect(fromBase64Url(text)).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  it('read no text but the one that they write', () => {
    const unit = fc.constantFrom('A', 'B', 'z', '0', '-', '_', '=', '+', '/', ' ', '\n', 'é');
    fc.assert(
      fc.property(fc.string({ unit }), (text) => {
        const bytes = fromBase64Url(text);
        if (bytes !== undefined) expect(toBase64Url(bytes)).toBe(text);
      }),
    );
  });

  it.each([
    'A',
    'AB',
    'AAAAA',
    'AAB',
    'AA==',
    'A A',
    '+A',
    '/w',
    'AA\n',
    '\u0410A',
  ])('refuse %j, which is not canonical', (text) => {
    expect(fromBase64Url(text)).toBeUndefined();
  });
});
