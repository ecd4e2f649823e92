import { describe, expect, test } from 'vitest';
import { type ErrorCode, OnionferryError } from '../../src/base/errors.js';
import { isPassing, mayResumeLater } from '../../src/session/passing.js';
import { PeerAbort } from '../../src/stream/peer-abort.js';

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
  for (const code of ['ERR_PEER_GONE', 'ERR_TOR_DIED', 'ERR_TOR_START'] as ErrorCode[]) {
    expect(mayResumeLater(of(code))).toBe(true);
  }
  for (const code of ['ERR_INTERRUPTED', 'ERR_SOURCE_CHANGED', 'ERR_PROTOCOL'] as ErrorCode[]) {
    expect(mayResumeLater(of(code))).toBe(false);
  }
  expect(mayResumeLater(new PeerAbort('cancelled'))).toBe(false);
});
