import { describe, expect, test } from 'vitest';
import { type ErrorCode, OnionferryError, ResumableError } from '../../src/base/errors.js';
import {
  type AbortReason,
  type AwayReason,
  decodeMessage,
  encodeMessage,
} from '../../src/stream/message.js';
import { lastWordOf, PeerAbort, PeerAway, TurnedAway } from '../../src/stream/peer-abort.js';

/** Longer than a word: something that a person can read. */
const SENTENCE = /^\S+ \S+ \S+/;

describe('the last word of a side', () => {
  test.each<[ErrorCode, AbortReason]>([
    ['ERR_INTERRUPTED', 'cancelled'],
    ['ERR_REFUSED', 'refused'],
    ['ERR_UNVERIFIED', 'unverified'],
    ['ERR_SOURCE', 'source-unreadable'],
    ['ERR_SOURCE_CHANGED', 'source-changed'],
    ['ERR_DESTINATION', 'destination-failed'],
    ['ERR_DISK_FULL', 'destination-full'],
    ['ERR_DATA_DIRECTORY', 'destination-failed'],
    ['ERR_TOO_LARGE', 'too-large'],
    ['ERR_CONFLICT', 'destination-failed'],
    ['ERR_HOSTILE_NAME', 'hostile-name'],
    ['ERR_PROTOCOL', 'protocol'],
    ['ERR_STREAM', 'tampered'],
    ['ERR_KEY', 'internal'],
  ])('that ends with %s is %s', (code, reason) => {
    expect(lastWordOf(new OnionferryError(code, 'it ends'))).toEqual({ type: 'abort', reason });
  });

  test('that fails without an error of ours is no more than that it failed', () => {
    expect(lastWordOf(new TypeError('a secret'))).toEqual({ type: 'abort', reason: 'internal' });
  });

  test.each<[ErrorCode, AwayReason]>([
    ['ERR_DISK_FULL', 'disk-full'],
    ['ERR_DESTINATION', 'disk-failed'],
    ['ERR_CONFLICT', 'disk-failed'],
    ['ERR_SUSPENDED', 'suspended'],
    ['ERR_PEER_GONE', 'suspended'],
  ])('that may go on later, after %s, is that it is away: %s', (code, reason) => {
    expect(lastWordOf(new ResumableError(code, 'later'))).toEqual({ type: 'away', reason });
  });

  test.each([
    'taken',
    'undecided',
  ] as const)('to whom it turns away is %s, and it ends like a person who interrupts', (reason) => {
    const error = new TurnedAway(reason, 'somebody else is receiving this');
    expect(error).toMatchObject({
      code: 'ERR_INTERRUPTED',
      message: 'somebody else is receiving this',
    });
    expect(lastWordOf(error)).toEqual({ type: 'abort', reason });
  });
});

describe('what the other side gives as its reason', () => {
  test.each<[AbortReason, ErrorCode]>([
    ['cancelled', 'ERR_PEER_GONE'],
    ['refused', 'ERR_REFUSED'],
    ['source-changed', 'ERR_SOURCE_CHANGED'],
    ['source-unreadable', 'ERR_PEER_GONE'],
    ['destination-full', 'ERR_PEER_GONE'],
    ['destination-failed', 'ERR_PEER_GONE'],
    ['hostile-name', 'ERR_REFUSED'],
    ['protocol', 'ERR_PROTOCOL'],
    ['internal', 'ERR_PEER_GONE'],
    ['tampered', 'ERR_STREAM'],
    ['too-large', 'ERR_REFUSED'],
    ['taken', 'ERR_CHANNEL_FULL'],
    ['undecided', 'ERR_PEER_GONE'],
    ['unverified', 'ERR_UNVERIFIED'],
  ])('travels, ends the transfer for good, and is put into words: %s', (reason, code) => {
    const said = { frame: 'control', control: { type: 'abort', reason } } as const;
    expect(decodeMessage(encodeMessage(said))).toEqual(said);
    const error = new PeerAbort(reason);
    expect(error).toMatchObject({ code, reason, course: 'peer-ended' });
    expect(error.message).toMatch(SENTENCE);
  });

  test.each([
    'destination-full',
    'destination-failed',
  ] as const)('names whose disk it was: %s', (reason) => {
    for (const from of ['sender', 'recipient'] as const) {
      const other = from === 'sender' ? 'recipient' : 'sender';
      const { message } = new PeerAbort(reason, from);
      expect(message).toMatch(SENTENCE);
      expect(message).toContain(from);
      expect(message).not.toContain(other);
    }
  });

  test('is the same in words whoever said it, where the reason alone tells that', () => {
    expect(new PeerAbort('cancelled', 'sender').message).toBe(new PeerAbort('cancelled').message);
  });

  test.each<AwayReason>([
    'suspended',
    'disk-full',
    'disk-failed',
  ])('to be away travels, passes, and names who is: %s', (reason) => {
    const said = { frame: 'control', control: { type: 'away', reason } } as const;
    expect(decodeMessage(encodeMessage(said))).toEqual(said);
    for (const from of ['sender', 'recipient'] as const) {
      const error = new PeerAway(reason, from);
      expect(error).toMatchObject({ code: 'ERR_PEER_GONE', reason, course: 'stream-broken' });
      expect(error.message).toContain(`the ${from}`);
      expect(error.message).toContain('may come back');
    }
  });
});
