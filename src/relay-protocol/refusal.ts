import * as v from 'valibot';
import { type ErrorCode, OnionferryError } from '../base/errors.js';

/**
 * Why a relay refuses, as it stands on the wire. Stable.
 *
 * `attempt-ended` is deliberately one code for a wrong password, a close and an unknown uuid. Whom the
 * relay itself lets go, unjudged, hears `channel-full` or `too-many`, whatever it has answered.
 */
export type WireCode =
  | 'bad-request'
  | 'unauthorized'
  | 'not-yours'
  | 'no-senders'
  | 'not-found'
  | 'no-such-channel'
  | 'method-not-allowed'
  | 'channel-taken'
  | 'channel-full'
  | 'wrong-curve'
  | 'already-written'
  | 'attempt-ended'
  | 'channel-closed'
  | 'too-large'
  | 'stream-used'
  | 'too-many'
  | 'no-peer'
  | 'relay-full'
  | 'internal';

interface Meaning {
  readonly status: number;
  readonly code: ErrorCode;
  /** A sentence that the client's user can act on */
  readonly sentence: string;
}

const defect =
  'the relay did not accept what this program sent; use the same version of onionferry on both sides';
const busy = 'the relay is busy at the moment; try again in a minute';

const MEANINGS: Readonly<Record<WireCode, Meaning>> = {
  'bad-request': { status: 400, code: 'ERR_PROTOCOL', sentence: defect },
  unauthorized: {
    status: 401,
    code: 'ERR_PASSWORD',
    sentence:
      'the relay does not accept this password; check it, above all its first two words, and try again',
  },
  'not-yours': { status: 403, code: 'ERR_PROTOCOL', sentence: defect },
  'no-senders': {
    status: 403,
    code: 'ERR_PROTOCOL',
    sentence:
      'this address belongs to one sender, who relays for nobody else; send over a relay, or without --relay',
  },
  'not-found': { status: 404, code: 'ERR_PROTOCOL', sentence: defect },
  'no-such-channel': {
    status: 404,
    code: 'ERR_CHANNEL_MISSING',
    sentence:
      'nobody is sending under this password now; ask the sender to check that onionferry still runs',
  },
  'method-not-allowed': { status: 405, code: 'ERR_PROTOCOL', sentence: defect },
  'channel-taken': {
    status: 409,
    code: 'ERR_CHANNEL_TAKEN',
    sentence: 'another sender is using this channel; send under another password',
  },
  'channel-full': {
    status: 409,
    code: 'ERR_CHANNEL_FULL',
    sentence: 'somebody else is receiving this; ask the sender to send it again, or to use --keep',
  },
  'wrong-curve': {
    status: 409,
    code: 'ERR_CURVE',
    sentence: 'the sender uses another curve; use the same --curve on both sides',
  },
  'already-written': { status: 409, code: 'ERR_PROTOCOL', sentence: defect },
  'attempt-ended': {
    status: 410,
    code: 'ERR_ATTEMPT_ENDED',
    sentence: 'this attempt is over; check the password and try again',
  },
  'channel-closed': {
    status: 410,
    code: 'ERR_CHANNEL_CLOSED',
    sentence: 'the other side ended the transfer; start it again if that was a mistake',
  },
  'too-large': { status: 413, code: 'ERR_PROTOCOL', sentence: defect },
  'stream-used': {
    status: 409,
    code: 'ERR_STREAM',
    sentence: 'this stream has already been opened; start the transfer again',
  },
  'too-many': { status: 429, code: 'ERR_RELAY_BUSY', sentence: busy },
  'no-peer': {
    status: 504,
    code: 'ERR_PEER_GONE',
    sentence: 'the other side did not connect; check that it still runs and try again',
  },
  'relay-full': { status: 503, code: 'ERR_RELAY_BUSY', sentence: busy },
  internal: {
    status: 500,
    code: 'ERR_RELAY',
    sentence: 'the relay failed; ask its operator to look at the log',
  },
};

/** A refusal inside the relay; on the wire it is `{"error":{"code":…}}`. */
export class Refusal extends Error {
  override readonly name: string = 'Refusal';
  readonly wireCode: WireCode;

  constructor(wireCode: WireCode) {
    super(wireCode);
    this.wireCode = wireCode;
  }
}

/** What came in from outside, if it has the declared shape. @throws Refusal bad-request */
export function parse<Value>(schema: v.GenericSchema<unknown, Value>, input: unknown): Value {
  const result = v.safeParse(schema, input);
  if (!result.success) throw new Refusal('bad-request');
  return result.output;
}

/** The same from JSON. @throws Refusal bad-request */
export function parseJson<Value>(schema: v.GenericSchema<unknown, Value>, text: string): Value {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Refusal('bad-request');
  }
  return parse(schema, json);
}

export interface WireError {
  readonly error: { readonly code: WireCode };
}

// Object.keys loses the key type; the table above has exactly these keys.
const wireCodes = Object.keys(MEANINGS) as WireCode[];

export const wireErrorSchema: v.GenericSchema<unknown, WireError> = v.strictObject({
  error: v.strictObject({ code: v.picklist(wireCodes) }),
});

export function wireErrorOf(wireCode: WireCode): WireError {
  return { error: { code: wireCode } };
}

export function statusOf(wireCode: WireCode): number {
  return MEANINGS[wireCode].status;
}

/** What a client throws for such a refusal. */
export function errorOf(wireCode: WireCode): OnionferryError {
  const { code, sentence } = MEANINGS[wireCode];
  return new OnionferryError(code, sentence);
}
