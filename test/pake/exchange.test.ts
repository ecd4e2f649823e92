import { createHash, hkdfSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { PakeContext } from '../../src/pake/context.js';
import { CURVE_NAMES } from '../../src/pake/curves/curve-name.js';
import { suiteOf } from '../../src/pake/curves/suites.js';
import { answerExchange, startExchange } from '../../src/pake/exchange.js';
import type { SessionKeys } from '../../src/pake/key-schedule.js';
import { stretchPassword } from '../../src/pake/stretch.js';
import { failureOf } from '../base/failure.js';
import { findConstant, multiply, naiveCurves, negate } from './curves/naive-curves.js';
import { contextOn, ONIONS, secretOf } from './pake-context.js';

/** Disagreement means that no key of one side is any key of the other. */
function expectNothingShared(a: SessionKeys, b: SessionKeys): void {
  const texts = [a, b].map((keys) =>
    Object.values(keys).map((key: Uint8Array) => Buffer.from(key).toString('hex')),
  );
  expect(new Set(texts.flat()).size).toBe(14);
}

/** RFC 9382 and the key schedule once more, with plain arithmetic and node:crypto. */
function plainRecipient(
  context: PakeContext,
  w: bigint,
  pA: Buffer,
): { pB: Buffer; derive: (label: string) => Buffer } {
  const curve = naiveCurves[context.curve];
  const [M, N] = [findConstant(curve, 'M'), findConstant(curve, 'N')].map((c) => curve.decode(c));
  const y = 0x1234567890abcdefn;
  const pB = curve.add(multiply(curve, curve.base, y), multiply(curve, N, w));
  // A share of the sender's, read back by the only form in which plain curves read points.
  const unmasked = curve.add(curve.decode(compressed(pA)), negate(curve, multiply(curve, M, w)));
  const K = multiply(curve, unmasked, y * curve.cofactor);

  const fields = (...parts: readonly (string | Buffer)[]): Buffer =>
    Buffer.concat(
      parts.flatMap((part) => {
        const length = Buffer.alloc(8);
        length.writeUInt32LE(Buffer.byteLength(part));
        return [length, Buffer.from(part)];
      }),
    );
  const { curve: name, onion, channel } = context;
  const id = (role: string): Buffer => fields('onionferry/1', 'SPAKE2', name, onion, channel, role);
  const orderBytes = Math.ceil(curve.order.toString(2).length / 8);
  const TT = fields(
    id('sender'),
    id('recipient'),
    pA,
    curve.encode(pB),
    curve.encode(K),
    Buffer.from(w.toString(16).padStart(2 * orderBytes, '0'), 'hex'),
  );
  const hash = name === 'p384' || name === 'p521' ? 'sha512' : 'sha256';
  const k = createHash(hash).update(TT).digest();
  return {
    pB: curve.encode(pB),
    derive: (label) =>
      Buffer.from(hkdfSync(hash, k, 'onionferry/1 SPAKE2', `onionferry/1 ${label}`, 32)),
  };
}

/** SEC 1's compressed form of an uncompressed point; edwards25519 has but one form. */
function compressed(share: Buffer): Buffer {
  if (share.length === 32) return share;
  const x = share.subarray(1, 1 + (share.length - 1) / 2);
  return Buffer.concat([Buffer.of(2 | ((share.at(-1) ?? 0) & 1)), x]);
}

describe.each(CURVE_NAMES)('an exchange on %s', (curve) => {
  const context = contextOn(curve);
  const w = secretOf(1234567890123456789n);

  it('gives both sides the same keys, seven different ones of 32 bytes', () => {
    const sender = startExchange(w, context);
    const { y, keys } = answerExchange(w, context, sender.x);
    const sendersKeys = sender.finish(y);
    expect(sendersKeys).toEqual(keys);
    const lengths = Object.values(keys).map((key: Uint8Array) => key.length);
    expect(lengths).toEqual([32, 32, 32, 32, 32, 32, 32]);
    expect(new Set(Object.values(keys).map(String)).size).toBe(7);
  });

  it('shows SHA-256 of h_k as hh_k, also where the curve has another hash', () => {
    const { keys } = answerExchange(w, context, startExchange(w, context).x);
    expect(Buffer.from(keys.confirmationHash)).toEqual(
      createHash('sha256').update(keys.confirmation).digest(),
    );
  });

  it('is fresh each time, with the same password', () => {
    const [first, second] = [startExchange(w, context), startExchange(w, context)];
    expect(first.x).not.toEqual(second.x);
    const [a, b] = [answerExchange(w, context, first.x), answerExchange(w, context, first.x)];
    expect(a.y).not.toEqual(b.y);
    expectNothingShared(a.keys, b.keys);
  });

  it.each([
    ['another password', { w: secretOf(1234567890123456788n) }],
    ['another channel', { channel: 'abacus-zoo' }],
    ['another onion', { onion: ONIONS[1] ?? context.onion }],
  ])('gives the sides nothing in common with %s', (_, other) => {
    const theirs = { w, ...context, ...other };
    const sender = startExchange(w, context);
    const { y, keys } = answerExchange(theirs.w, theirs, sender.x);
    expectNothingShared(sender.finish(y), keys);
  });

  it('gives two senders, two recipients, or a sender and its own reflection nothing in common', () => {
    const [one, two, three] = [1, 2, 3].map(() => startExchange(w, context));
    if (!one || !two || !three) throw new Error('three were made');
    expectNothingShared(one.finish(two.x), two.finish(one.x));
    const [a] = [answerExchange(w, context, three.x)];
    const b = answerExchange(w, context, a.y);
    expectNothingShared(a.keys, b.keys);
    expectNothingShared(three.finish(three.x), b.keys);
  });

  it('is the protocol that is written down: a recipient made of other code agrees', () => {
    const sender = startExchange(w, context);
    const recipient = plainRecipient(context, BigInt(w), Buffer.from(sender.x));
    const keys = sender.finish(recipient.pB);
    expect(Buffer.from(keys.confirmation)).toEqual(recipient.derive('confirmation'));
    expect(Buffer.from(keys.stream)).toEqual(recipient.derive('stream'));
    expect(Buffer.from(keys.resumption)).toEqual(recipient.derive('resumption'));
  });

  it('is finished once: a second Y would be a second guess', () => {
    const sender = startExchange(w, context);
    const { y } = answerExchange(w, context, sender.x);
    sender.finish(y);
    expect(failureOf(() => sender.finish(y)).code).toBe('ERR_INTERNAL');
  });

  it('is spent by a Y that was refused, too', () => {
    const sender = startExchange(w, context);
    const { y } = answerExchange(w, context, sender.x);
    expect(failureOf(() => sender.finish(y.subarray(1))).code).toBe('ERR_PAKE');
    expect(failureOf(() => sender.finish(y)).code).toBe('ERR_INTERNAL');
  });
});

describe('sides on different curves', () => {
  const pairs = CURVE_NAMES.flatMap((a) => CURVE_NAMES.map((b) => [a, b] as const));

  it.each(pairs.filter(([a, b]) => a !== b))('fail: sender %s, recipient %s', (a, b) => {
    const w = secretOf(42n);
    const { x } = startExchange(w, contextOn(a));
    expect(failureOf(() => answerExchange(w, contextOn(b), x)).code).toBe('ERR_PAKE');
  });
});

describe('with stretched passwords', () => {
  it('the same words agree and other words do not', async () => {
    const context = contextOn('p256');
    const [right, same, wrong] = await Promise.all(
      ['sprint-oxidize-elm', 'sprint-oxidize-elm', 'sprint-oxidize-elf'].map((words) =>
        stretchPassword(words, context),
      ),
    );
    if (!right || !same || !wrong) throw new Error('three were stretched');
    expect(right < suiteOf('p256').order).toBe(true);

    const first = startExchange(right, context);
    const answer = answerExchange(same, context, first.x);
    expect(first.finish(answer.y)).toEqual(answer.keys);

    const second = startExchange(right, context);
    const guess = answerExchange(wrong, context, second.x);
    expectNothingShared(second.finish(guess.y), guess.keys);
  });
});
