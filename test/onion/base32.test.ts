import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../src/base/bytes.js';
import { fromBase32, toBase32 } from '../../src/onion/base32.js';

describe('base32', () => {
  it.each([
    ['', ''],
    ['f', 'my'],
    ['fo', 'mzxq'],
    ['foo', 'mzxw6'],
    ['foob', 'mzxw6yq'],
    ['fooba', 'mzxw6ytb'],
    ['foobar', 'mzxw6ytboi'],
  ])('writes and reads RFC 4648, section 10, in lower case without padding: "%s"', (text, base32) => {
    expect(toBase32(utf8(text))).toBe(base32);
    expect(fromBase32(base32)).toEqual(utf8(text));
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromBase32(toBase32(bytes))).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  it('reads no text but the one that it writes', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom('a', 'b', 'q', 'y', 'z', '2', '7', '=', 'A', '1', ' ', 'é'),
        }),
        (text) => {
          const bytes = fromBase32(text);
          if (bytes !== undefined) expect(toBase32(bytes)).toBe(text);
        },
      ),
    );
  });

  it.each([
    'MY',
    'my======',
    'm1',
    'm',
    'a',
    'aaa',
    'mz',
    'mzxw6y',
    'm y',
  ])('refuses "%s"', (text) => {
    expect(fromBase32(text)).toBeUndefined();
  });
});
