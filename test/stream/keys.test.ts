import { hkdfSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { randomBytes } from '../../src/base/bytes.js';
import { deriveStreamKey } from '../../src/stream/keys.js';

describe('deriveStreamKey', () => {
  const root = randomBytes(32);
  const senderNonce = randomBytes(32);
  const recipientNonce = randomBytes(32);
  const secrets = { root, stream: 3, senderNonce, recipientNonce };

  test('is HKDF-SHA-256 with both nonces as salt', () => {
    const salt = Buffer.concat([senderNonce, recipientNonce]);
    const info = 'onionferry/1 stream sender-to-recipient 3';
    const expected = new Uint8Array(hkdfSync('sha256', root, salt, info, 32));
    expect(deriveStreamKey(secrets, 'sender-to-recipient')).toEqual(expected);
  });

  test('gives another key for every other root, direction, stream and nonce', () => {
    const keys = [
      deriveStreamKey(secrets, 'sender-to-recipient'),
      deriveStreamKey(secrets, 'recipient-to-sender'),
      deriveStreamKey({ ...secrets, stream: 4 }, 'sender-to-recipient'),
      deriveStreamKey({ ...secrets, root: randomBytes(32) }, 'sender-to-recipient'),
      deriveStreamKey({ ...secrets, senderNonce: randomBytes(32) }, 'sender-to-recipient'),
      deriveStreamKey({ ...secrets, recipientNonce: randomBytes(32) }, 'sender-to-recipient'),
    ];
    expect(new Set(keys.map((key) => Buffer.from(key).toString('hex'))).size).toBe(keys.length);
  });
});
