import { describe, expect, it, test } from 'vitest';
import {
  asOnionferryError,
  type ErrorCode,
  hasCode,
  isPassing,
  isResumable,
  OnionferryError,
} from '../../src/base/errors.js';
import { PeerAbort } from '../../src/stream/peer-abort.js';

describe('OnionferryError', () => {
  it('is an Error with a code, a kind and what caused it', () => {
    const cause = new Error('below');
    const error = new OnionferryError('ERR_PASSWORD', 'Wrong password.', { cause });
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('OnionferryError');
    expect(error).toMatchObject({ code: 'ERR_PASSWORD', message: 'Wrong password.', cause });
    expect(String(error)).toBe('OnionferryError: Wrong password.');
  });

  it('has no cause unless one is given', () => {
    expect('cause' in new OnionferryError('ERR_KEY', '')).toBe(false);
  });

  it.each([
    ['ERR_USAGE', 'usage'],
    ['ERR_INVITATION_IN_ARGV', 'usage'],
    ['ERR_PASSWORD', 'password'],
    ['ERR_TOR_DIED', 'tor'],
    ['ERR_PEER_GONE', 'peer'],
    ['ERR_TIMEOUT', 'peer'],
    ['ERR_SUSPENDED', 'suspended'],
    ['ERR_INTERRUPTED', 'interrupted'],
    ['ERR_PAKE', 'failed'],
  ] as const)('%s is of kind %s, on which the exit status depends', (code, kind) => {
    expect(new OnionferryError(code, '').kind).toBe(kind);
  });
});

describe('hasCode', () => {
  const error: unknown = new OnionferryError('ERR_KEY', '');

  it('is true for our own errors with one of the codes', () => {
    expect(hasCode(error, 'ERR_KEY')).toBe(true);
    expect(hasCode(error, 'ERR_PAKE', 'ERR_KEY')).toBe(true);
    expect(hasCode(error, 'ERR_PAKE')).toBe(false);
    expect(hasCode(error)).toBe(false);
  });

  it('is false for what only looks like one', () => {
    expect(hasCode(Object.assign(new Error(), { code: 'ERR_KEY' }), 'ERR_KEY')).toBe(false);
    expect(hasCode({ code: 'ERR_KEY' }, 'ERR_KEY')).toBe(false);
    expect(hasCode(undefined, 'ERR_KEY')).toBe(false);
  });
});

describe('asOnionferryError', () => {
  it('leaves our own errors as they are', () => {
    const error = new OnionferryError('ERR_KEY', 'first');
    expect(asOnionferryError(error, 'ERR_RELAY', 'second')).toBe(error);
  });

  it('keeps anything else as the cause', () => {
    for (const cause of [new TypeError('x'), 'text', undefined]) {
      const error = asOnionferryError(cause, 'ERR_RELAY', 'second');
      expect(error).toMatchObject({ code: 'ERR_RELAY', message: 'second' });
      expect(error.cause).toBe(cause);
    }
  });
});

const of = (code: ErrorCode): OnionferryError => new OnionferryError(code, 'a test');

describe('whether another try may mend it', () => {
  test('it may if a connection, the relay or the way there has failed', () => {
    const codes = ['ERR_PEER_GONE', 'ERR_STREAM', 'ERR_TIMEOUT', 'ERR_RELAY', 'ERR_TOR_SOCKS'];
    for (const code of codes as ErrorCode[]) expect(isPassing(of(code))).toBe(true);
  });

  test('it may not if a person ended it, or what is sent or written is at fault', () => {
    const codes = ['ERR_INTERRUPTED', 'ERR_REFUSED', 'ERR_SOURCE', 'ERR_SOURCE_CHANGED'];
    const more = ['ERR_DESTINATION', 'ERR_PROTOCOL', 'ERR_PAKE', 'ERR_PASSWORD', 'ERR_INTERNAL'];
    for (const code of [...codes, ...more] as ErrorCode[]) expect(isPassing(of(code))).toBe(false);
  });

  test('it may not if the other side has given up, though that is called gone as well', () => {
    const cancelled = new PeerAbort('cancelled');
    expect(cancelled.code).toBe('ERR_PEER_GONE');
    expect(isPassing(cancelled)).toBe(false);
  });

  test('it may not if nobody knows what it is', () => {
    expect(isPassing(new Error('ERR_PEER_GONE'))).toBe(false);
    expect(isPassing(undefined)).toBe(false);
  });
});

test('a process that has lost its tor for good may have a successor; one that was ended has none', () => {
  const kept = ['ERR_PEER_GONE', 'ERR_TOR_DIED', 'ERR_TOR_START', 'ERR_SUSPENDED'] as ErrorCode[];
  for (const code of kept) {
    expect(isResumable(of(code))).toBe(true);
  }
  for (const code of ['ERR_INTERRUPTED', 'ERR_SOURCE_CHANGED', 'ERR_PROTOCOL'] as ErrorCode[]) {
    expect(isResumable(of(code))).toBe(false);
  }
  expect(isResumable(new PeerAbort('cancelled'))).toBe(false);
});
