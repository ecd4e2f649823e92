import * as v from 'valibot';
import { type ErrorCode, OnionferryError } from '../base/errors.js';

/**
 * Why a relay refuses, as it stands on the wire, with the HTTP status. Stable.
 *
 * `attempt-ended` is deliberately one code for a wrong password, a close and an unknown uuid. Whom the
 * relay itself lets go, unjudged, hears `channel-full` or `too-many`, whatever it has answered.
 */
const STATUSES = {
  'bad-request': 400,
  unauthorized: 401,
  'not-yours': 403,
  'no-senders': 403,
  'not-found': 404,
  'no-such-channel': 404,
  'method-not-allowed': 405,
  'channel-taken': 409,
  'channel-full': 409,
  'wrong-curve': 409,
  'already-written': 409,
  'attempt-ended': 410,
  'channel-closed': 410,
  'too-large': 413,
  'stream-used': 409,
  'too-many': 429,
  'no-peer': 504,
  'relay-full': 503,
  'going-away': 503,
  'no-directory': 503,
  internal: 500,
} as const;

export type WireCode = keyof typeof STATUSES;

const defect =
  'the relay did not accept what this program sent; use the same version of onionferry on both sides';
const busy = 'the relay is busy at the moment; try again in a minute';

/** What each means to a client: its error, and a sentence that its user can act on. */
const MEANINGS: Readonly<Record<WireCode, readonly [ErrorCode, string]>> = {
  'bad-request': ['ERR_PROTOCOL', defect],
  unauthorized: [
    'ERR_PASSWORD',
    'the relay does not accept this password; check it, above all its first two words, and try again',
  ],
  'not-yours': ['ERR_PROTOCOL', defect],
  'no-senders': [
    'ERR_PROTOCOL',
    'this address belongs to one sender, who relays for nobody else; send over a relay, or without --relay',
  ],
  'not-found': ['ERR_PROTOCOL', defect],
  'no-such-channel': [
    'ERR_CHANNEL_MISSING',
    'nobody is sending under this password now; ask the sender to check that onionferry still runs',
  ],
  'method-not-allowed': ['ERR_PROTOCOL', defect],
  'channel-taken': [
    'ERR_CHANNEL_TAKEN',
    'another sender is using this channel; send under another password',
  ],
  'channel-full': [
    'ERR_CHANNEL_FULL',
    'somebody else is receiving this; ask the sender to send it again, or to use --keep',
  ],
  'wrong-curve': [
    'ERR_CURVE',
    'the relay says that the sender uses another curve; ask the sender which one',
  ],
  'already-written': ['ERR_PROTOCOL', defect],
  'attempt-ended': ['ERR_ATTEMPT_ENDED', 'this attempt is over; check the password and try again'],
  'channel-closed': [
    'ERR_CHANNEL_CLOSED',
    'the other side ended the transfer; start it again if that was a mistake',
  ],
  'too-large': ['ERR_PROTOCOL', defect],
  'stream-used': ['ERR_STREAM', 'this stream has already been opened; start the transfer again'],
  'too-many': ['ERR_RELAY_BUSY', busy],
  'no-peer': [
    'ERR_PEER_GONE',
    'the other side did not connect; check that it still runs and try again',
  ],
  'relay-full': ['ERR_RELAY_BUSY', busy],
  'going-away': [
    'ERR_RELAY_BUSY',
    'the relay is going away and lets nobody else in; try again in a few minutes, or use another relay',
  ],
  'no-directory': [
    'ERR_RELAY_BUSY',
    'the relay cannot look channels up at the moment; running transfers go on, so try again in a minute',
  ],
  internal: ['ERR_RELAY', 'the relay failed; ask its operator to look at the log'],
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
  return parse(schema, jsonOf(text));
}

/** @returns undefined, which no schema of ours accepts, if `text` is not JSON */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface WireError {
  readonly error: { readonly code: WireCode };
}

// Object.keys loses the key type; the table above has exactly these keys.
const wireCodes = Object.keys(STATUSES) as WireCode[];

export const wireErrorSchema: v.GenericSchema<unknown, WireError> = v.strictObject({
  error: v.strictObject({ code: v.picklist(wireCodes) }),
});

export function wireErrorOf(wireCode: WireCode): WireError {
  return { error: { code: wireCode } };
}

export function statusOf(wireCode: WireCode): number {
  return STATUSES[wireCode];
}

/** What a client throws for such a refusal. */
export function errorOf(wireCode: WireCode): OnionferryError {
  return new OnionferryError(...MEANINGS[wireCode]);
}
