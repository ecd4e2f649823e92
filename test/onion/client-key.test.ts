import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  clientKeyBytes,
  createClientKey,
  formatAuthorizedClient,
  formatClientKeyFile,
  parseAuthorizedClient,
  parseClientKey,
  parseClientKeyFile,
  publicClientKey,
} from '../../src/onion/client-key.js';
import { createIdentity } from '../../src/onion/identity.js';
import { failureOf } from '../base/failure.js';
import { hostileText } from '../pake/arbitraries.js';

/** The bytes 1 to 32, and X25519 of them (RFC 7748, section 5) by a script that shares no code with us. */
const KNOWN = {
  secret: 'aebagbafaydqqcikbmga2dqpcaireeyuculbogazdinryhi6d4qa',
  publicKey: 'a6rxzpauecj4rn2v3qnrb2dmwqtdoswrnkufh3il37alfodndr6a',
};

describe('the key of a client', () => {
  test('is new each time, and 52 characters of base32', () => {
    const [one, other] = [createClientKey(), createClientKey()];
    expect(one).toMatch(/^[a-z2-7]{52}$/);
    expect(other).not.toBe(one);
    expect(clientKeyBytes(one)).toHaveLength(32);
  });

  test('is read in any case, with white space around it', () => {
    const key = createClientKey();
    expect(parseClientKey(` ${key.toUpperCase()}\n`)).toBe(key);
  });

  test('is read from a line of tor’s files, with its address', () => {
    const onion = createIdentity().address;
    const key = createClientKey();
    const line = formatClientKeyFile(onion, key);
    expect(line).toBe(`${onion.slice(0, 56)}:descriptor:x25519:${key}`);
    expect(parseClientKeyFile(`${line}\n`)).toEqual({ key, onion });
    expect(parseClientKeyFile(key)).toEqual({ key });
  });

  test.each([
    ['nothing', ''],
    ['too short', 'a'.repeat(51)],
    ['too long', 'b'.repeat(53)],
    ['nothing but zeros', 'a'.repeat(52)],
    ['bits left over', `${'b'.repeat(51)}b`],
    ['no base32', `${'b'.repeat(50)}1q`],
    ['a key of another kind', `${'a'.repeat(56)}:descriptor:ed25519:${'b'.repeat(51)}q`],
  ])('is refused if it is %s, without a word of it', (_, text) => {
    const failure = failureOf(() => parseClientKeyFile(text));
    expect(failure.code).toBe('ERR_KEY');
    if (text !== '') expect(failure.message).not.toContain(text);
  });

  test('never becomes anything but a key or an error', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        try {
          expect(clientKeyBytes(parseClientKeyFile(text).key)).toHaveLength(32);
        } catch (error) {
          expect(error).toMatchObject({
            code: expect.stringMatching(/^ERR_(KEY|ONION_ADDRESS)$/) as string,
          });
        }
      }),
    );
  });
});

test('has the public key of RFC 7748', () => {
  expect(publicClientKey(parseClientKey(KNOWN.secret))).toBe(KNOWN.publicKey);
});

test('what the service knows of a key is written as tor reads it', () => {
  const known = publicClientKey(createClientKey());
  expect(formatAuthorizedClient(known)).toBe(`descriptor:x25519:${known}`);
  expect(parseAuthorizedClient(`descriptor:x25519:${known}\n`)).toBe(known);
  expect(() => parseAuthorizedClient(known)).toThrow(expect.objectContaining({ code: 'ERR_KEY' }));
});
