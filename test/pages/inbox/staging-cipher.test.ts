import { expect, test } from 'vitest';
import { StagingCipher } from '../../../src/pages/inbox/staging-cipher.js';

const CLEAR = new Uint8Array(100).map((_, at) => at);

test('each upload is hidden by a key of its own', () => {
  const hidden = [new StagingCipher(), new StagingCipher()].map((one) => one.apply(0, CLEAR));
  expect(hidden[0]).not.toEqual(hidden[1]);
  expect(hidden).not.toContainEqual(CLEAR);
});

test('bytes are hidden by where they stand, in whatever pieces they come', () => {
  const cipher = new StagingCipher();
  const whole = cipher.apply(0, CLEAR);
  for (const [from, to] of [
    [0, 7],
    [7, 33],
    [32, 48],
    [99, 100],
  ] as const) {
    expect(cipher.apply(from, CLEAR.subarray(from, to))).toEqual(whole.subarray(from, to));
    expect(cipher.apply(from, whole.subarray(from, to))).toEqual(
      Buffer.from(CLEAR.subarray(from, to)),
    );
  }
});
