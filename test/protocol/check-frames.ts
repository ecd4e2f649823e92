import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Aead } from '../../src/stream/aead.js';
import type { Direction } from '../../src/stream/keys.js';
import frames from '../vectors/frames.json' with { type: 'json' };
import journal from '../vectors/journal.json' with { type: 'json' };
import keys from '../vectors/stream-keys.json' with { type: 'json' };
import { bytes, hex, pattern } from './bytes.js';
import type { Code } from './check-invitations.js';

export type MakeAead = (key: Uint8Array<ArrayBuffer>) => Aead | Promise<Aead>;

/**
 * Sections 8.2, 8.3 and 15 of docs/protocol.md.
 *
 * @param countTo the highest frame number that is reached by sealing all before it
 */
export function checkFrames(code: Code, makeAead: MakeAead, countTo: 256 | 65_536 = 256): void {
  const { concat, frameHeader, frameNonce } = code;

  describe('stream keys', () => {
    test.each(keys.cases)('stream $stream, $direction', (vector) => {
      const secrets = {
        root: bytes(vector.root),
        stream: vector.stream,
        senderNonce: bytes(vector.senderNonce),
        recipientNonce: bytes(vector.recipientNonce),
      };
      expect(hex(code.deriveStreamKey(secrets, directionOf(vector.direction)))).toBe(vector.key);
    });
  });

  describe('frame nonces', () => {
    test.each(frames.nonces)('of frame $number', ({ number, nonce }) => {
      expect(hex(frameNonce(number))).toBe(nonce);
    });
  });

  describe('frames', () => {
    test.each(frames.frames)('$name', async (vector) => {
      const { number, frame } = vector;
      const plaintext = bytes(vector.plaintext);
      const aead = await makeAead(bytes(vector.key));
      const header = frameHeader(plaintext.length + 16);
      const sealed = await aead.seal(frameNonce(number), header, plaintext);
      expect(hex(concat(header, ...sealed))).toBe(frame);
      const opened = await aead.open(frameNonce(number), header, bytes(frame).subarray(4));
      expect(opened && hex(opened)).toBe(vector.plaintext);
    });

    test(`are numbered by the sealer and the opener, as far as ${countTo}`, async () => {
      const [first] = frames.frames;
      const numbered = new Map(
        frames.frames
          .filter(({ number, plaintext }) => number <= countTo && plaintext === first!.plaintext)
          .map((each) => [each.number, each]),
      );
      const sealer = new code.FrameSealer(await makeAead(bytes(first!.key)));
      const opener = new code.FrameOpener(await makeAead(bytes(first!.key)));
      const plaintext = bytes(first!.plaintext);
      let compared = 0;
      for (let number = 0; number <= countTo; number++) {
        const frame = concat(...(await sealer.seal(plaintext)));
        const vector = numbered.get(number);
        const opened = await opener.open(frame.subarray(4));
        if (vector === undefined) continue;
        expect([hex(frame), hex(opened)]).toEqual([vector.frame, vector.plaintext]);
        compared++;
      }
      expect(compared).toBe(numbered.size);
    });

    test('are sealed and opened at their longest', async () => {
      const { key, number, position, contentBytes, frameBytes, frameSha256 } = frames.long;
      const sealer = new code.FrameSealer(await makeAead(bytes(key)));
      for (let before = 0; before < number; before++) await sealer.seal(new Uint8Array(1));
      const content = pattern(contentBytes);
      const plaintext = code.encodeMessage({ frame: 'data', position, content });
      const frame = concat(...(await sealer.seal(plaintext)));
      expect(frame.length).toBe(frameBytes);
      expect(createHash('sha256').update(frame).digest('hex')).toBe(frameSha256);
    });

    test.each(frames.refused)('are refused: $name', async (vector) => {
      const opener = new code.FrameOpener(await makeAead(bytes(vector.key)));
      const opening = (async () => {
        for (const sealed of new code.FrameSplitter().push(bytes(vector.bytes))) {
          await opener.open(sealed);
        }
      })();
      await expect(opening).rejects.toMatchObject({ code: 'ERR_STREAM' });
    });
  });

  describe('the journal', () => {
    test('has a key of its own', () => {
      expect(hex(code.deriveJournalKey(bytes(journal.key.resumption)))).toBe(journal.key.key);
    });

    test.each(journal.records)('has a record for chunk $chunk', async (vector) => {
      const { chunk, contentBytes, mac, record } = vector;
      const aead = await makeAead(bytes(journal.key.key));
      const none = new Uint8Array();
      const tag = concat(
        ...(await aead.seal(code.chunkNonce(chunk), pattern(contentBytes), none)),
      ).subarray(0, 12);
      expect(hex(tag)).toBe(mac);
      expect(hex(code.encodeJournalRecord({ chunk, mac: tag }))).toBe(record);
    });

    test.each(journal.journals)('is read: $name', (vector) => {
      const found = code.decodeJournal(bytes(vector.journal), vector.contentBytes);
      expect([...found].map(([chunk, mac]) => ({ chunk, mac: hex(mac) }))).toEqual(vector.chunks);
    });
  });
}

function directionOf(text: string): Direction {
  if (text !== 'sender-to-recipient' && text !== 'recipient-to-sender') throw new Error(text);
  return text;
}
