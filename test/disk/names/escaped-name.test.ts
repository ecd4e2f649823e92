import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapedName, unescapedName } from '../../../src/disk/names/escaped-name.js';

test.each([
  ['636166e9', 'caf%E9'],
  ['ff', '%FF'],
  ['c3a9ff', 'é%FF'],
  ['25ff', '%25%FF'],
  // Characters that are cut off, too long for what they are, or no characters at all.
  ['61e282', 'a%E2%82'],
  ['c0af', '%C0%AF'],
  ['eda080', '%ED%A0%80'],
  ['f4908080', '%F4%90%80%80'],
])('the bytes %s become %s', (hex, text) => {
  expect(escapedName(Buffer.from(hex, 'hex'))).toBe(text);
  expect(unescapedName(text)?.toString('hex')).toBe(hex);
});

test('what is UTF-8 stays as it is, and is the escaped form of nothing else', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (name) => {
      expect(escapedName(Buffer.from(name))).toBe(name);
    }),
  );
  for (const name of ['100%', '%41', '%e9', 'caf%C3%A9', '']) {
    expect(unescapedName(name)).toBeUndefined();
  }
});

test('any bytes come back from their escaped form', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1, maxLength: 40 }), (bytes) => {
      const name = Buffer.from(bytes);
      const back = unescapedName(escapedName(name)) ?? Buffer.from(escapedName(name));
      expect(back.equals(name)).toBe(true);
    }),
  );
});
