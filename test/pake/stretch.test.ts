import { pbkdf2Sync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CURVE_NAMES } from '../../src/pake/curves/curve-name.js';
import { suiteOf } from '../../src/pake/curves/suites.js';
import { stretchPassword } from '../../src/pake/stretch.js';
import { contextOn, ONIONS } from './pake-context.js';

const WORDS = 'sprint-oxidize-élan';

/** Each field behind its length, as the README of the protocol would say. */
function saltOf(...fields: readonly string[]): Buffer {
  return Buffer.concat(
    fields.flatMap((field) => {
      const length = Buffer.alloc(8);
      length.writeBigUInt64LE(BigInt(Buffer.byteLength(field)));
      return [length, Buffer.from(field)];
    }),
  );
}

describe('stretchPassword', () => {
  it.each([
    ['p256', 40, '79bedc6ef0cb29a09a392f508f769959c3cb2f581154e60791a3ba584fa08997'],
    [
      'p384',
      56,
      '6c9213e36ea88f667caff2933307dae2c85d44fe0c880dfcbd9be0ae27689d673a8e2ad07bffaf08b076c8c3b1532241',
    ],
    [
      'p521',
      74,
      '9213e36ea88f667caff2933307dae2af71a86740d67ddcb52f072f27b6e12a4ca165f6f9739bd0679461e7e5d53ac1609ed409a300491b711949f40914424eaaf6',
    ],
    ['ed25519', 40, 'c9213e36ea88f65e9b0bba87feff14e444bda7a7f22c204de26b8409c6189ef'],
    ['siec', 40, '2c9213e36b22ede0b5bc096a8c75cfbb2f6a9ceafb8aa8eaf87d0b217d82c54c'],
  ] as const)('on %s is PBKDF2 with %i bytes, modulo the order', async (curve, bytes, pinned) => {
    const context = contextOn(curve);
    const salt = saltOf('onionferry/1', 'password', context.onion, context.channel);
    const stretched = pbkdf2Sync(WORDS, salt, 600_000, bytes, 'sha256');
    const expected = BigInt(`0x${stretched.toString('hex')}`) % suiteOf(curve).order;
    const w = await stretchPassword(WORDS, context);
    expect(w).toBe(expected);
    expect(w.toString(16)).toBe(pinned);
  });

  it.each(CURVE_NAMES)('leaves no more than 2^-64 of bias modulo the order of %s', (curve) => {
    const bits = suiteOf(curve).order.toString(2).length;
    const bytes = { p256: 40, p384: 56, p521: 74, ed25519: 40, siec: 40 }[curve];
    expect(8 * bytes).toBeGreaterThanOrEqual(bits + 64);
  });

  it('depends on words, onion and channel', async () => {
    const context = contextOn('ed25519');
    const all = await Promise.all([
      stretchPassword(WORDS, context),
      stretchPassword(`${WORDS}s`, context),
      stretchPassword(WORDS, { ...context, channel: 'abacus-zoo' }),
      stretchPassword(WORDS, { ...context, onion: ONIONS[1] ?? context.onion }),
    ]);
    expect(new Set(all).size).toBe(4);
  });
});
