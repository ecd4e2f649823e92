import fc from 'fast-check';
import { toBase32 } from '../../src/onion/base32.js';
import { parseClientKey } from '../../src/onion/client-key.js';
import { CURVE_NAMES } from '../../src/pake/curves/curve-name.js';
import type { Invitation } from '../../src/pake/invitation.js';
import { type Password, parsePassword } from '../../src/pake/password.js';
import { ONIONS } from './pake-context.js';

/** Letters and digits of several scripts and planes, all in the form that passwords are kept in. */
const LETTERS = [
  'a',
  'z',
  '0',
  '9',
  'ß',
  'é',
  'ж',
  'ς',
  '漢',
  'あ',
  '안',
  'ש',
  'ع',
  '٣',
  'ठ',
  '𐐨',
  '𠀀',
];

const words = fc.array(
  fc.string({ unit: fc.constantFrom(...LETTERS), minLength: 1, maxLength: 20 }),
  { minLength: 5, maxLength: 10 },
);

export const passwords: fc.Arbitrary<Password> = words.map((list) => parsePassword(list.join('-')));

/** Whatever can be typed on one line, with what has a meaning in an invitation among it. */
const relayPasswords = fc
  .string({
    unit: fc.oneof(
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
      fc.constantFrom(';', '#', '=', '&', '%', '/', '?', '+', ' ', "'", '(', ')', '!', '~', '*'),
    ),
    minLength: 1,
    maxLength: 60,
  })
  .filter((text) => !/[\p{Cc}\p{Cs}]/u.test(text));

/** Any UTF-16, halves of surrogate pairs included. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat(0xffff)).map((units) => String.fromCharCode(...units)),
);

export const invitations: fc.Arbitrary<Invitation> = fc.record(
  {
    onion: fc.constantFrom(...ONIONS),
    curve: fc.constantFrom(...CURVE_NAMES),
    password: passwords,
    relayPassword: relayPasswords,
    size: fc.constant('large' as const),
    clientKey: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .filter((bytes) => bytes.some((byte) => byte !== 0))
      .map((bytes) => parseClientKey(toBase32(bytes))),
  },
  { requiredKeys: ['onion', 'curve', 'password'] },
);
