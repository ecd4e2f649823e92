import * as v from 'valibot';
import { type Bytes, concat, fromUtf8, utf8 } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { DATA_PREFIX_BYTES, FRAME_CONTENT_BYTES } from './frame.js';
import { decodeRanges, encodeRanges, RANGE_BYTES, type Ranges } from './ranges.js';

/** Why one end ends a transfer early. The other end words it for its own user. */
export type AbortReason = (typeof ABORT_REASONS)[number];

const ABORT_REASONS = [
  'cancelled',
  'refused',
  'source-changed',
  'source-unreadable',
  'destination-full',
  'destination-failed',
  'hostile-name',
  'protocol',
  'internal',
  // Recipient, in a browser, which does not continue after somebody has tampered.
  'tampered',
  // Recipient, in a browser: more than fits into its memory.
  'too-large',
  // Sender for one recipient: another one was quicker to accept.
  'taken',
  // Sender: the recipient has given no answer for too long.
  'undecided',
  'unverified',
] as const;

/**
 * Why one end goes although the transfer is not over: it keeps what it has, and may come back, in
 * this process or a later one.
 */
export type AwayReason = (typeof AWAY_REASONS)[number];

const AWAY_REASONS = [
  // Its process was asked to end, or gave up waiting.
  'suspended',
  // There is no room on its disk.
  'disk-full',
  // Its disk cannot be written to.
  'disk-failed',
] as const;

/** What control frames say. All but `ack` and `keepalive` mean the same on whichever stream they come. */
export type Control =
  /** Recipient, met again without the manifest: please send it once more. */
  | { readonly type: 'manifest-request' }
  /** Recipient: content may come, but what a `have` frame before this listed. */
  | {
      readonly type: 'accept';
      /** base64url of the manifest's SHA-256, as it came. */
      readonly manifest: string;
      /** Bytes that the recipient wants, if not all of them. */
      readonly wanted?: number | undefined;
    }
  /** Recipient: it comes to these stream numbers; may the sender come too. */
  | { readonly type: 'open-streams'; readonly streams: readonly number[] }
  /** Recipient: this many data frames of this stream are verified and written to the file system. */
  | { readonly type: 'ack'; readonly frames: number }
  /** Recipient: these ranges, [start, end), were damaged on its disk; may they come again. */
  | { readonly type: 'resend'; readonly ranges: readonly (readonly [number, number])[] }
  /** Sender, whose user wants it so: as many streams at once, unless the recipient wants fewer. */
  | { readonly type: 'stream-limit'; readonly streams: number }
  /** Sender, of content whose length the manifest does not tell: it is `total` bytes long. */
  | { readonly type: 'content-end'; readonly total: number }
  /** Recipient: everything that it wants is verified, on disk and under its final name. */
  | { readonly type: 'receipt'; readonly bytes: number; readonly files: number }
  /** The sender has the receipt: the recipient may end. */
  | { readonly type: 'receipt-ack' }
  /** Nothing to say, but still there. */
  | { readonly type: 'keepalive' }
  | { readonly type: 'away'; readonly reason: AwayReason }
  | { readonly type: 'abort'; readonly reason: AbortReason };

export type Message =
  | { readonly frame: 'control'; readonly control: Control }
  | { readonly frame: 'manifest'; readonly part: Bytes; readonly last: boolean }
  /** Recipient: what it has from before. */
  | { readonly frame: 'have'; readonly ranges: Ranges }
  /** `content` belongs at `position` of the content's byte sequence. */
  | { readonly frame: 'data'; readonly position: number; readonly content: Bytes }
  /** As `data`, of this many zeros. */
  | { readonly frame: 'zeros'; readonly position: number; readonly length: number };

const FRAME_CONTROL = 0;
const FRAME_MANIFEST = 1;
const FRAME_DATA = 2;
const FRAME_HAVE = 3;
const FRAME_ZEROS = 4;
/** Type, position (u64) and length (u32). */
const ZEROS_BYTES = 13;
/** As many as a frame holds; what is not listed comes once more. */
const HAVE_RANGES_MAX = Math.floor(FRAME_CONTENT_BYTES / RANGE_BYTES);
/** Control messages are short; a larger one is somebody's attempt to make us parse. */
const CONTROL_MAX_BYTES = 4096;
/** Stream numbers in one `open-streams`; ranges in one `resend`. */
export const OPEN_MAX = 64;
export const AGAIN_MAX = 64;

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

const controlSchema: v.GenericSchema<unknown, Control> = v.variant('type', [
  v.strictObject({ type: v.literal('manifest-request') }),
  v.strictObject({
    type: v.literal('accept'),
    manifest: v.pipe(v.string(), v.length(43)),
    wanted: v.optional(count),
  }),
  v.strictObject({
    type: v.literal('open-streams'),
    streams: v.pipe(v.array(count), v.minLength(1), v.maxLength(OPEN_MAX)),
  }),
  v.strictObject({ type: v.literal('ack'), frames: count }),
  v.strictObject({
    type: v.literal('resend'),
    ranges: v.pipe(
      v.array(
        v.pipe(
          v.tuple([count, count]),
          v.check(([start, end]) => start < end),
        ),
      ),
      v.minLength(1),
      v.maxLength(AGAIN_MAX),
    ),
  }),
  v.strictObject({
    type: v.literal('stream-limit'),
    streams: v.pipe(count, v.minValue(1), v.maxValue(OPEN_MAX)),
  }),
  v.strictObject({ type: v.literal('keepalive') }),
  v.strictObject({ type: v.literal('content-end'), total: count }),
  v.strictObject({ type: v.literal('receipt'), bytes: count, files: count }),
  v.strictObject({ type: v.literal('receipt-ack') }),
  v.strictObject({ type: v.literal('away'), reason: v.picklist(AWAY_REASONS) }),
  v.strictObject({ type: v.literal('abort'), reason: v.picklist(ABORT_REASONS) }),
]);

/** The plaintext of a frame. */
export function encodeMessage(message: Message): Bytes {
  switch (message.frame) {
    case 'control':
      return concat(new Uint8Array([FRAME_CONTROL]), utf8(JSON.stringify(message.control)));
    case 'manifest':
      return concat(new Uint8Array([FRAME_MANIFEST, message.last ? 1 : 0]), message.part);
    case 'have':
      return concat(new Uint8Array([FRAME_HAVE]), encodeRanges(message.ranges, HAVE_RANGES_MAX));
    case 'data': {
      const plaintext = new Uint8Array(DATA_PREFIX_BYTES + message.content.length);
      writeDataPrefix(plaintext, message.position);
      plaintext.set(message.content, DATA_PREFIX_BYTES);
      return plaintext;
    }
    case 'zeros': {
      const plaintext = new Uint8Array(ZEROS_BYTES);
      const view = new DataView(plaintext.buffer);
      view.setUint8(0, FRAME_ZEROS);
      view.setBigUint64(1, BigInt(message.position));
      view.setUint32(9, message.length);
      return plaintext;
    }
  }
}

/** Makes a data frame of `plaintext` whose content already stands behind the prefix: no copy. */
export function writeDataPrefix(plaintext: Bytes, position: number): void {
  plaintext[0] = FRAME_DATA;
  new DataView(plaintext.buffer, plaintext.byteOffset).setBigUint64(1, BigInt(position));
}

/** @throws OnionferryError ERR_PROTOCOL for anything that `encodeMessage` would not make */
export function decodeMessage(plaintext: Bytes): Message {
  switch (plaintext[0]) {
    case FRAME_CONTROL:
      return { frame: 'control', control: decodeControl(plaintext.subarray(1)) };
    case FRAME_MANIFEST: {
      const last = plaintext[1];
      if (last !== 0 && last !== 1) throw malformed();
      return { frame: 'manifest', part: plaintext.subarray(2), last: last === 1 };
    }
    case FRAME_HAVE:
      return { frame: 'have', ranges: decodeRanges(plaintext.subarray(1)) };
    case FRAME_DATA: {
      const content = plaintext.subarray(DATA_PREFIX_BYTES);
      if (content.length === 0 || content.length > FRAME_CONTENT_BYTES) throw malformed();
      return { frame: 'data', position: positionIn(plaintext), content };
    }
    case FRAME_ZEROS: {
      if (plaintext.length !== ZEROS_BYTES) throw malformed();
      const length = new DataView(plaintext.buffer, plaintext.byteOffset).getUint32(9);
      if (length === 0 || length > FRAME_CONTENT_BYTES) throw malformed();
      return { frame: 'zeros', position: positionIn(plaintext), length };
    }
    default:
      throw malformed();
  }
}

/** Of `data` and `zeros`. */
function positionIn(plaintext: Bytes): number {
  const position = new DataView(plaintext.buffer, plaintext.byteOffset).getBigUint64(1);
  if (position > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed();
  return Number(position);
}

function decodeControl(json: Bytes): Control {
  if (json.length > CONTROL_MAX_BYTES) throw malformed();
  try {
    return v.parse(controlSchema, JSON.parse(fromUtf8(json)));
  } catch (cause) {
    throw malformed(cause);
  }
}

function malformed(cause?: unknown): OnionferryError {
  return new OnionferryError(
    'ERR_PROTOCOL',
    'the other side sent something this version does not understand; update both sides',
    { cause },
  );
}
