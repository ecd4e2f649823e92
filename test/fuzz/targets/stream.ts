import { createHash } from 'node:crypto';
import { type Bytes, concat, fromUtf8, utf8 } from '../../../src/base/bytes.js';
import { FrameSplitter, frameHeader } from '../../../src/stream/frame.js';
import {
  CHUNK_MAC_BYTES,
  decodeJournal,
  encodeJournalRecord,
} from '../../../src/stream/journal.js';
import type { Manifest } from '../../../src/stream/manifest.js';
import { manifestJson, parseManifestJson } from '../../../src/stream/manifest-json.js';
import { decodeMessage, encodeMessage, type Message } from '../../../src/stream/message.js';
import { decodeRanges, encodeRanges, Ranges } from '../../../src/stream/ranges.js';
import { damagedBytes, pieces } from '../damaged.js';
import { expectSame, expectThat, outcomeOf } from '../outcome.js';
import { bytesTarget, type Target } from '../target.js';

const FRAMES = [17, 18, 300].map((length) => concat(frameHeader(length), new Uint8Array(length)));

const ranges = new Ranges();
ranges.add(0, 5);
ranges.add(7, 2 ** 40);
const MESSAGES: readonly Message[] = [
  { frame: 'control', control: { type: 'accept', manifest: 'A'.repeat(43), wanted: 5 } },
  { frame: 'control', control: { type: 'open-streams', streams: [1, 2, 3] } },
  { frame: 'control', control: { type: 'resend', ranges: [[0, 7]] } },
  { frame: 'control', control: { type: 'receipt', bytes: 1, files: 2 } },
  { frame: 'control', control: { type: 'abort', reason: 'refused' } },
  { frame: 'manifest', part: utf8('{}'), last: true },
  { frame: 'have', ranges },
  { frame: 'data', position: 2 ** 33, content: utf8('content') },
  { frame: 'zeros', position: 1, length: 256 * 1024 },
];

const MANIFESTS = [
  '{"kind":"files","entries":[]}',
  '{"kind":"files","entries":[{"type":"file","path":["a","b"],"size":3,"mode":420,"mtime":1.5,"xattrs":{"user.x":"AA=="}},{"type":"folder","path":["c"],"mode":448,"mtime":-1},{"type":"hardlink","path":["d"],"file":0}]}',
  '{"kind":"text","entries":[{"type":"file","path":["t"],"size":null,"mode":0,"mtime":0}],"leftOut":{"count":1,"paths":[["x"]]}}',
  '{"entries":[{"type":"link","path":["l"],"target":"a/b"}],"kind":"files","escaped":{"count":2,"paths":[]}}',
].map(utf8);

/** What may come over a stream, once it is decrypted, and before. */
export const STREAM_TARGETS: readonly Target[] = [
  bytesTarget({
    name: 'frames',
    inputs: damagedBytes(...FRAMES, concat(...FRAMES)),
    async judge(bytes) {
      const whole = await outcomeOf(() => frames([bytes]), 'ERR_STREAM');
      const cut = await outcomeOf(() => frames(pieces(bytes, 3)), 'ERR_STREAM');
      expectSame(cut, whole, 'frames in pieces');
      if ('refused' in whole) return false;
      const read = concat(...whole.value.map((frame) => concat(frameHeader(frame.length), frame)));
      expectSame(read, bytes.slice(0, read.length), 'what was read of it');
      return true;
    },
  }),
  bytesTarget({
    name: 'messages',
    inputs: damagedBytes(...MESSAGES.map(encodeMessage)),
    async judge(bytes) {
      const outcome = await outcomeOf(() => decodeMessage(bytes), 'ERR_PROTOCOL');
      if ('refused' in outcome) return false;
      const again = decodeMessage(encodeMessage(outcome.value));
      expectSame(readable(again), readable(outcome.value), 'the message written and read again');
      return true;
    },
  }),
  bytesTarget({
    name: 'manifests',
    inputs: damagedBytes(...MANIFESTS),
    async judge(bytes) {
      const whole = await manifestOf([bytes]);
      expectSame(await manifestOf(pieces(bytes, 5)), whole, 'a manifest in pieces');
      if (whole === undefined) return false;
      const parts: Bytes[] = [];
      for await (const part of manifestJson(whole)) parts.push(part);
      expectSame(await manifestOf(parts), whole, 'the manifest written and read again');
      // It takes no more than JSON does.
      JSON.parse(fromUtf8(bytes));
      return true;
    },
  }),
  bytesTarget({
    name: 'ranges',
    inputs: damagedBytes(encodeRanges(ranges, 10)),
    async judge(bytes) {
      const outcome = await outcomeOf(() => decodeRanges(bytes), 'ERR_PROTOCOL');
      if ('refused' in outcome) return false;
      let behind = 0;
      for (const [start, end] of outcome.value) {
        expectThat(start >= behind && end > start && Number.isSafeInteger(end), 'ascending ranges');
        behind = end;
      }
      return true;
    },
  }),
  bytesTarget({
    name: 'journal',
    inputs: damagedBytes(
      concat(
        ...[0, 1, 7].map((chunk) =>
          encodeJournalRecord({ chunk, mac: new Uint8Array(CHUNK_MAC_BYTES).fill(chunk) }),
        ),
      ),
    ),
    judge(bytes) {
      const end = createHash('sha256').update(bytes).digest().readUInt32BE();
      const macs = decodeJournal(bytes, end);
      for (const [chunk, mac] of macs) {
        expectThat(
          chunk * 256 * 1024 < end && mac.length === CHUNK_MAC_BYTES,
          'a chunk of the content',
        );
      }
      return true;
    },
  }),
];

function frames(parts: readonly Bytes[]): Bytes[] {
  const splitter = new FrameSplitter();
  return parts.flatMap((part) => [...splitter.push(part)].map((frame) => frame.slice()));
}

/** @returns undefined if it is none, whatever the error: its readers word it themselves */
async function manifestOf(parts: readonly Bytes[]): Promise<Manifest | undefined> {
  return await parseManifestJson(parts).catch((error: unknown) => {
    if (error instanceof Error) return undefined;
    throw error;
  });
}

function readable(message: Message): unknown {
  return message.frame === 'have' ? [...message.ranges] : message;
}
