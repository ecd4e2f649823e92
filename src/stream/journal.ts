import { hkdf } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, utf8 } from '../base/bytes.js';
import { FRAME_CONTENT_BYTES } from './frame.js';
import type { Range } from './ranges.js';

/*
 * The recipient's journal: one record for each chunk of the content that was verified and handed to
 * the file system.
 *
 *   chunk  u32, big endian: its number; it lies at chunk * 256 KiB
 *   mac    the first 12 bytes of AES-256-GMAC over its content, with its number as nonce
 *
 * Records are appended and never changed, so that only the last one can be incomplete; a later record for
 * a chunk replaces an earlier one. The MAC finds what a crash has damaged in the files themselves, and
 * a journal that belongs to other content, without anything being synced on the way.
 */

export const CHUNK_MAC_BYTES = 12;
export const JOURNAL_RECORD_BYTES: number = 4 + CHUNK_MAC_BYTES;
/** Chunks that a record can name: 1 PiB of content. */
const CHUNKS_MAX = 2 ** 32;

export interface JournalRecord {
  readonly chunk: number;
  readonly mac: Uint8Array;
}

/** The key of a transfer's journal, from what both ends keep for reconnecting. */
export function deriveJournalKey(resumption: Uint8Array): Bytes {
  return new Uint8Array(hkdf(sha256, resumption, undefined, utf8('onionferry/1 journal'), 32));
}

/** The nonce of a chunk's MAC. One chunk has one content, so no nonce meets two messages. */
export function chunkNonce(chunk: number): Bytes {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(8, chunk);
  return nonce;
}

/** Where a chunk lies in content of length `end`. */
export function chunkRange(chunk: number, end: number): Range {
  const start = chunk * FRAME_CONTENT_BYTES;
  return [start, Math.min(start + FRAME_CONTENT_BYTES, end)];
}

/** The chunk that `length` bytes from `position` are, if they are exactly one. */
export function chunkAt(position: number, length: number, end: number): number | undefined {
  const chunk = position / FRAME_CONTENT_BYTES;
  if (!Number.isInteger(chunk) || chunk >= CHUNKS_MAX || length === 0) return undefined;
  return chunkRange(chunk, end)[1] === position + length ? chunk : undefined;
}

export function encodeJournalRecord({ chunk, mac }: JournalRecord): Bytes {
  const record = new Uint8Array(JOURNAL_RECORD_BYTES);
  new DataView(record.buffer).setUint32(0, chunk);
  record.set(mac.subarray(0, CHUNK_MAC_BYTES), 4);
  return record;
}

/**
 * The MACs by chunk, ascending. What cannot belong to content of length `end` is left out, and so
 * is a short record at the end.
 */
export function decodeJournal(journal: Bytes, end: number): Map<number, Bytes> {
  const view = new DataView(journal.buffer, journal.byteOffset, journal.byteLength);
  const macs = new Map<number, Bytes>();
  for (let at = 0; at + JOURNAL_RECORD_BYTES <= journal.length; at += JOURNAL_RECORD_BYTES) {
    const chunk = view.getUint32(at);
    if (chunk * FRAME_CONTENT_BYTES >= end) continue;
    macs.set(chunk, journal.subarray(at + 4, at + JOURNAL_RECORD_BYTES));
  }
  return new Map([...macs].sort(([a], [b]) => a - b));
}
