import { describe, expect, it } from 'vitest';
import { asOnionferryError, hasCode, OnionferryError } from '../../src/base/errors.js';

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
