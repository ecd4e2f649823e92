import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat } from '../../src/base/bytes.js';
import { FRAME_CONTENT_BYTES } from '../../src/stream/frame.js';
import {
  CHUNK_MAC_BYTES,
  chunkAt,
  chunkNonce,
  chunkRange,
  decodeJournal,
  deriveJournalKey,
  encodeJournalRecord,
  JOURNAL_RECORD_BYTES,
} from '../../src/stream/journal.js';

const mac = fc.uint8Array({ minLength: CHUNK_MAC_BYTES, maxLength: CHUNK_MAC_BYTES });
const record = fc.record({ chunk: fc.nat({ max: 20 }), mac });

describe('a journal', () => {
  test('tells the last MAC of each chunk, ascending, wherever it was cut off', () => {
    fc.assert(
      fc.property(
        fc.array(record),
        fc.nat({ max: JOURNAL_RECORD_BYTES - 1 }),
        (records, corrupt) => {
          const journal = concat(...records.map(encodeJournalRecord));
          const whole = corrupt === 0 ? records : records.slice(0, -1);
          const cut = journal.subarray(0, Math.max(0, journal.length - corrupt));
          const expected = new Map(whole.map((each) => [each.chunk, each.mac]));
          const macs = decodeJournal(cut, 21 * FRAME_CONTENT_BYTES);
          expect([...macs].map(([chunk, bytes]) => [chunk, [...bytes]])).toEqual(
            [...expected].sort(([a], [b]) => a - b).map(([chunk, bytes]) => [chunk, [...bytes]]),
          );
        },
      ),
    );
  });

  test('says nothing of chunks that the content does not have', () => {
    const bytes = new Uint8Array(CHUNK_MAC_BYTES);
    const records = [0, 1, 2, 2 ** 32 - 1].map((chunk) =>
      encodeJournalRecord({ chunk, mac: bytes }),
    );
    const chunksOf = (end: number): number[] => [...decodeJournal(concat(...records), end).keys()];
    expect(chunksOf(FRAME_CONTENT_BYTES)).toEqual([0]);
    expect(chunksOf(FRAME_CONTENT_BYTES + 1)).toEqual([0, 1]);
    expect(chunksOf(0)).toEqual([]);
  });

  test('takes 655 KB for 10 GB', () => {
    expect((10 * 2 ** 30 * JOURNAL_RECORD_BYTES) / FRAME_CONTENT_BYTES).toBe(655_360);
  });

  test('knows whole chunks only, the last one of which may be short', () => {
    const end = 2 * FRAME_CONTENT_BYTES + 10;
    expect(chunkRange(2, end)).toEqual([2 * FRAME_CONTENT_BYTES, end]);
    expect(chunkAt(FRAME_CONTENT_BYTES, FRAME_CONTENT_BYTES, end)).toBe(1);
    expect(chunkAt(2 * FRAME_CONTENT_BYTES, 10, end)).toBe(2);
    expect(chunkAt(2 * FRAME_CONTENT_BYTES, 9, end)).toBeUndefined();
    expect(chunkAt(1, FRAME_CONTENT_BYTES, end)).toBeUndefined();
    expect(chunkAt(0, FRAME_CONTENT_BYTES - 1, end)).toBeUndefined();
    expect(chunkAt(0, 2 * FRAME_CONTENT_BYTES, end)).toBeUndefined();
    expect(chunkAt(FRAME_CONTENT_BYTES, 0, FRAME_CONTENT_BYTES)).toBeUndefined();
  });

  test('knows no chunk whose number it could not write down', () => {
    const [last, end] = [2 ** 32 - 1, 2 ** 33 * FRAME_CONTENT_BYTES];
    expect(chunkAt(last * FRAME_CONTENT_BYTES, FRAME_CONTENT_BYTES, end)).toBe(last);
    expect(chunkAt((last + 1) * FRAME_CONTENT_BYTES, FRAME_CONTENT_BYTES, end)).toBeUndefined();
  });

  test('has a key of its own, and a nonce for each chunk', () => {
    const resumption = new Uint8Array(32).fill(1);
    expect(deriveJournalKey(resumption)).toHaveLength(32);
    expect(deriveJournalKey(resumption)).not.toEqual(resumption);
    expect(deriveJournalKey(new Uint8Array(32))).not.toEqual(deriveJournalKey(resumption));
    expect([...chunkNonce(0x01020304)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4]);
  });
});
