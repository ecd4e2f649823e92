import * as v from 'valibot';
import { fromBase64Url } from '../../base/bytes.js';
import type { Conflict } from '../../disk/commit.js';
import type { ExclusionRules } from '../../disk/tree/exclusion.js';
import { type OnionAddress, parseOnionAddress } from '../../onion/address.js';
import { type ClientKey, parseClientKey } from '../../onion/client-key.js';
import { CURVE_NAMES, type CurveName } from '../../pake/curves/curve-name.js';
import type { ReceivedFiles } from '../../session/receiving/destination.js';

/*
 * What a later process needs to resume a transfer, as JSON. It holds secrets: anyone who reads it
 * can pose as that side of the transfer. The words of an invitation are never part of it.
 */

export const RECORD_VERSION = 1;
/** Half of the longest string there is; the content of half a million files takes some 150 MB. */
export const FILE_BYTES_MAX: number = 256 * 1024 * 1024;

interface CommonRecord {
  readonly version: typeof RECORD_VERSION;
  readonly id: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** The first meeting's channel. */
  readonly channel: string;
  readonly curve: CurveName;
  /** 32 bytes in base64url, known to both sides, with which they reconnect. */
  readonly resumption: string;
  /** How often they have reconnected. */
  readonly generation: number;
}

export interface RecipientRecord extends CommonRecord {
  readonly kind: 'recipient';
  readonly onion: OnionAddress;
  /** Password for the relay's Basic auth. */
  readonly access: string;
  /** For that address, if it is private. */
  readonly clientKey?: ClientKey | undefined;
  /** Where it is received. */
  readonly directory: string;
  readonly conflict: Conflict;
  /** Patterns of what is wanted; undefined: everything. */
  readonly only?: readonly string[] | undefined;
  /** Another name for the only file or folder at the top. */
  readonly as?: string | undefined;
  /** Whether extended attributes are wanted. */
  readonly xattrs?: boolean | undefined;
  /** The hidden folder below `directory` that is written into. */
  readonly staging: string;
  /** Set when everything is under its final name: only the receipt may have to be sent again. */
  readonly complete?: ReceivedFiles | undefined;
}

/** The relay at which a sender waits: its own onion service, or another's. */
export type RecordedRelay =
  | {
      readonly kind: 'own';
      /** The onion's key as PEM. */
      readonly key: string;
      /** The stored identity that it is, if any. */
      readonly identityName?: string | undefined;
      readonly access: string;
      /** With which recipients reach it, if it is private. */
      readonly clientKey?: ClientKey | undefined;
    }
  | {
      readonly kind: 'other';
      readonly onion: OnionAddress;
      readonly access: string;
      /** With which both sides reach it, if it is private. */
      readonly clientKey?: ClientKey | undefined;
    };

/** How a sender chooses what it offers. */
export interface SourceRules {
  readonly exclude?: ExclusionRules | undefined;
  readonly skipUnreadable: boolean;
  readonly mayGrow: boolean;
  readonly xattrs: boolean;
}

/** An offer to any number of recipients. */
export interface KeptOffer extends SourceRules {
  /** When nobody else is let in any more; ISO 8601. */
  readonly expiresAt?: string | undefined;
}

export interface SenderRecord extends CommonRecord {
  readonly kind: 'sender';
  readonly relay: RecordedRelay;
  /** As given, but absolute. */
  readonly source: { readonly paths: readonly string[] };
  /** The sender was serving others as well, who are offered what these rules choose. */
  readonly keep?: KeptOffer | undefined;
}

export type TransferRecord = RecipientRecord | SenderRecord;

const text = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const onion = v.pipe(text, parsedBy(parseOnionAddress));
const clientKey = v.optional(v.pipe(text, parsedBy(parseClientKey)));
const paths = v.pipe(v.array(text), v.minLength(1));
const common = {
  version: v.literal(RECORD_VERSION),
  id: text,
  createdAt: v.pipe(v.string(), v.isoTimestamp()),
  channel: text,
  curve: v.picklist(CURVE_NAMES),
  resumption: v.pipe(
    text,
    v.check((encoded) => fromBase64Url(encoded)?.length === 32),
  ),
  generation: count,
};

export const recordSchema: v.GenericSchema<unknown, TransferRecord> = v.variant('kind', [
  v.strictObject({
    kind: v.literal('recipient'),
    ...common,
    onion,
    access: text,
    clientKey,
    directory: text,
    conflict: v.picklist(['rename', 'overwrite', 'skip', 'fail']),
    only: v.optional(paths),
    as: v.optional(text),
    xattrs: v.optional(v.boolean()),
    staging: text,
    complete: v.optional(
      v.strictObject({
        files: v.array(v.strictObject({ path: v.string(), bytes: count, sha256: v.string() })),
        warnings: v.array(v.string()),
      }),
    ),
  }),
  v.strictObject({
    kind: v.literal('sender'),
    ...common,
    relay: v.variant('kind', [
      v.strictObject({
        kind: v.literal('own'),
        key: text,
        identityName: v.optional(text),
        access: text,
        clientKey,
      }),
      v.strictObject({ kind: v.literal('other'), onion, access: text, clientKey }),
    ]),
    source: v.strictObject({ paths }),
    keep: v.optional(
      v.strictObject({
        exclude: v.optional(v.strictObject({ patterns: v.array(text), gitIgnore: v.boolean() })),
        skipUnreadable: v.boolean(),
        mayGrow: v.boolean(),
        xattrs: v.boolean(),
        expiresAt: v.optional(v.pipe(v.string(), v.isoTimestamp())),
      }),
    ),
  }),
]);

/** What a parser takes that throws at all else. */
function parsedBy<Parsed>(parse: (text: string) => Parsed): v.RawTransformAction<string, Parsed> {
  return v.rawTransform(({ dataset, addIssue, NEVER }) => {
    try {
      return parse(dataset.value);
    } catch {
      addIssue();
      return NEVER;
    }
  });
}
