import { expect, test } from 'vitest';
import { isResumable, OnionferryError } from '../../../src/base/errors.js';
import {
  BYTES_PER_TAMPERED,
  TAMPERED_STREAMS_MAX,
  TamperedTooOften,
  TamperingLimit,
} from '../../../src/session/conversation/tampering-limit.js';

const tampered = new OnionferryError('ERR_STREAM', 'the stream was changed on its way');
const broken = new OnionferryError('ERR_PEER_GONE', 'the connection broke');

test('a fifth changed stream in a row ends the transfer for good', () => {
  const limit = new TamperingLimit();
  for (let i = 0; i < 4; i++) limit.count(tampered);
  expect(() => limit.count(tampered)).toThrow(TamperedTooOften);
  expect(isResumable(new TamperedTooOften(tampered))).toBe(false);
});

test('a transfer that makes progress in between is never ended', () => {
  const limit = new TamperingLimit();
  for (let i = 1; i < 100; i++) {
    limit.count(tampered);
    if (i % 4 === 0) limit.progress(i);
  }
});

test('being told of the same bytes again is no progress', () => {
  const limit = new TamperingLimit();
  limit.progress(100);
  for (let i = 0; i < 4; i++) {
    limit.count(tampered);
    limit.progress(100);
    limit.progress(50);
  }
  expect(() => limit.count(tampered)).toThrow(TamperedTooOften);
});

test('connections that merely break neither count nor excuse', () => {
  const limit = new TamperingLimit();
  for (let i = 0; i < 100; i++) limit.count(broken);
  for (let i = 0; i < 4; i++) {
    limit.count(tampered);
    limit.count(broken);
  }
  expect(() => limit.count(tampered)).toThrow(TamperedTooOften);
});

test('a transfer that brings little between two changed streams is ended', () => {
  const limit = new TamperingLimit();
  const step = (bytes: number): void => {
    limit.progress(bytes);
    limit.note(tampered);
    limit.count(tampered);
  };
  for (let i = 1; i <= TAMPERED_STREAMS_MAX; i++) step(i * 100_000);
  expect(limit.tolerates(tampered)).toBe(true);
  expect(() => step(TAMPERED_STREAMS_MAX * 100_000 + 1)).toThrow(TamperedTooOften);
  expect(limit.tolerates(tampered)).toBe(false);
  expect(limit.tolerates(broken)).toBe(true);
});

test('a transfer that brings much between two changed streams is not', () => {
  const limit = new TamperingLimit();
  for (let i = 1; i < 10 * TAMPERED_STREAMS_MAX; i++) {
    limit.progress(i * BYTES_PER_TAMPERED);
    limit.note(tampered);
    limit.count(tampered);
  }
});

test('a transfer of which the first change is the last is ended by it, and by nothing else', () => {
  const limit = new TamperingLimit(1);
  expect([limit.tolerates(tampered), limit.tolerates(broken)]).toEqual([false, true]);
  limit.count(broken);
  expect(() => limit.count(tampered)).toThrow(TamperedTooOften);
  expect(new TamperingLimit(2).tolerates(tampered)).toBe(true);
});

test('streams that merely break are not counted among those that were changed', () => {
  const limit = new TamperingLimit();
  for (let i = 0; i <= TAMPERED_STREAMS_MAX; i++) limit.note(broken);
  expect(limit.tolerates(tampered)).toBe(true);
  for (let i = 0; i < TAMPERED_STREAMS_MAX; i++) limit.note(tampered);
  expect(limit.tolerates(tampered)).toBe(true);
  limit.note(tampered);
  expect(limit.tolerates(tampered)).toBe(false);
});

test('what ends it says that nothing was kept, why, and that nothing is to be tried again', () => {
  const error = new TamperedTooOften(tampered);
  expect(error).toMatchObject({ code: 'ERR_STREAM', course: 'final', cause: tampered });
  expect(error.message).toMatch(/nothing was kept/);
});
