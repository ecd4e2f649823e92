import * as v from 'valibot';
import { type Bytes, concat, fromUtf8, utf8 } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { DATA_PREFIX_BYTES, FRAME_CONTENT_BYTES } from './frame.js';

/** Why one end ends a transfer early. The other end words it for its own user. */
export type AbortReason =
  | 'cancelled'
  | 'refused'
  | 'source-changed'
  | 'source-unreadable'
  | 'destination-full'
  | 'destination-failed'
  | 'hostile-name'
  | 'protocol'
  | 'internal';

/**
 * What control frames say, in the order of a transfer.
 *
 * sender: (manifest parts) … end … farewell; recipient: accept … received … receipt; either: abort.
 */
export type Control =
  | { readonly type: 'accept' }
  /** Nothing to say, but still there. */
  | { readonly type: 'alive' }
  /** Every content byte has been sent; `total` is the length of the sequence. */
  | { readonly type: 'end'; readonly total: number }
  /** Verified and handed to the file system so far. */
  | { readonly type: 'received'; readonly bytes: number }
  /** Everything is verified, on disk and under its final name. */
  | { readonly type: 'receipt'; readonly bytes: number; readonly files: number }
  /** The sender has the receipt: the recipient may let go. */
  | { readonly type: 'farewell' }
  | { readonly type: 'abort'; readonly reason: AbortReason };

export type Message =
  | { readonly frame: 'control'; readonly control: Control }
  | { readonly frame: 'manifest'; readonly part: Bytes; readonly last: boolean }
  /** `content` belongs at `position` of the content's byte sequence. */
  | { readonly frame: 'data'; readonly position: number; readonly content: Bytes };

const FRAME_CONTROL = 0;
const FRAME_MANIFEST = 1;
const FRAME_DATA = 2;
/** Control messages are short; a larger one is somebody's attempt to make us parse. */
const CONTROL_MAX_BYTES = 4096;

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER));

const controlSchema: v.GenericSchema<unknown, Control> = v.variant('type', [
  v.strictObject({ type: v.literal('accept') }),
  v.strictObject({ type: v.literal('alive') }),
  v.strictObject({ type: v.literal('end'), total: count }),
  v.strictObject({ type: v.literal('received'), bytes: count }),
  v.strictObject({ type: v.literal('receipt'), bytes: count, files: count }),
  v.strictObject({ type: v.literal('farewell') }),
  v.strictObject({
    type: v.literal('abort'),
    reason: v.picklist([
      'cancelled',
      'refused',
      'source-changed',
      'source-unreadable',
      'destination-full',
      'destination-failed',
      'hostile-name',
      'protocol',
      'internal',
    ]),
  }),
]);

/** The plaintext of a frame. */
export function encodeMessage(message: Message): Bytes {
  switch (message.frame) {
    case 'control':
      return concat(new Uint8Array([FRAME_CONTROL]), utf8(JSON.stringify(message.control)));
    case 'manifest':
      return concat(new Uint8Array([FRAME_MANIFEST, message.last ? 1 : 0]), message.part);
    case 'data': {
      const plaintext = new Uint8Array(DATA_PREFIX_BYTES + message.content.length);
      writeDataPrefix(plaintext, message.position);
      plaintext.set(message.content, DATA_PREFIX_BYTES);
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
    case FRAME_DATA: {
      const content = plaintext.subarray(DATA_PREFIX_BYTES);
      if (content.length === 0 || content.length > FRAME_CONTENT_BYTES) throw malformed();
      const position = new DataView(plaintext.buffer, plaintext.byteOffset).getBigUint64(1);
      if (position > BigInt(Number.MAX_SAFE_INTEGER)) throw malformed();
      return { frame: 'data', position: Number(position), content };
    }
    default:
      throw malformed();
  }
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
