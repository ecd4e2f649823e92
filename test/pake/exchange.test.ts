import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { CURVE_NAMES } from '../../src/pake/curves/curve-name.js';
import { suiteOf } from '../../src/pake/curves/suites.js';
import { answerExchange, startExchange } from '../../src/pake/exchange.js';
import type { SessionKeys } from '../../src/pake/key-schedule.js';
import { stretchPassword } from '../../src/pake/stretch.js';
import { failureOf } from '../base/failure.js';
import { contextOn, ONIONS, secretOf } from './pake-context.js';

/** Disagreement means that no key of one side is any key of the other. */
function expectNothingShared(a: SessionKeys, b: SessionKeys): void {
  const texts = [a, b].map((keys) =>
    Object.values(keys).map((key: Uint8Array) => Buffer.from(key).toString('hex')),
  );
  expect(new Set(texts.flat()).size).toBe(8);
}

describe.each(CURVE_NAMES)('an exchange on %s', (curve) => {
  const context = contextOn(curve);
  const w = secretOf(1234567890123456789n);

  it('gives both sides the same keys, four different ones of 32 bytes', () => {
    const sender = startExchange(w, context);
    const { y, keys } = answerExchange(w, context, sender.x);
    const sendersKeys = sender.finish(y);
    expect(sendersKeys).toEqual(keys);
    expect(Object.keys(keys)).toEqual(['confirmation', 'confirmationHash', 'stream', 'resumption']);
    expect(Object.values(keys).map((key: Uint8Array) => key.length)).toEqual([32, 32, 32, 32]);
    expect(new Set(Object.values(keys).map(String)).size).toBe(4);
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
