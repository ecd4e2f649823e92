import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFields, identityOf } from '../../src/pake/context.js';
import { CURVE_NAMES } from '../../src/pake/curves/curve-name.js';
import { contextOn, ONIONS } from './pake-context.js';

describe('encodeFields', () => {
  it('is injective: no two lists of fields have the same bytes', () => {
    const fields = fc.array(fc.string({ unit: fc.constantFrom('a', '\0', '\u0001', 'é') }));
    fc.assert(
      fc.property(fields, fields, (a, b) => {
        const same = Buffer.from(encodeFields(...a)).equals(encodeFields(...b));
        expect(same).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it('writes the length as eight bytes, little endian, as RFC 9382 does', () => {
    const bytes = Buffer.from(encodeFields('é'.repeat(130), new Uint8Array(2)));
    expect(bytes.subarray(0, 8).toString('hex')).toBe('0401000000000000');
    expect(bytes.subarray(8 + 260).toString('hex')).toBe('02000000000000000000');
  });
});

describe('identityOf', () => {
  it('says protocol and version, curve, onion, channel and role', () => {
    const text = Buffer.from(identityOf('sender', contextOn('p384'))).toString();
    for (const part of ['onionferry/1', 'p384', String(ONIONS[0]), 'abacus-zoom', 'sender']) {
      expect(text).toContain(part);
    }
  });

  it('differs whenever one of them does', () => {
    const identities = CURVE_NAMES.flatMap((curve) =>
      ONIONS.flatMap((onion) =>
        ['a-b', 'a', 'b'].flatMap((channel) =>
          (['sender', 'recipient'] as const).map((role) =>
            String(identityOf(role, { curve, onion, channel })),
          ),
        ),
      ),
    );
    expect(new Set(identities).size).toBe(CURVE_NAMES.length * 2 * 3 * 2);
  });
});
