import * as v from 'valibot';
import { MANIFEST_ENTRIES_MAX, type Manifest, parseManifest } from '../../stream/manifest.js';
import type { FileIdentity } from '../source/file-identity.js';

/** What a transfer carries; it can be large, and is written once. */
export interface RecordedContent {
  readonly manifest: Manifest;
  /** Of the sender's files, by index in the manifest. */
  readonly identities: ReadonlyMap<number, FileIdentity>;
  /** Whether the sender's files may be longer by now. */
  readonly mayGrow?: boolean | undefined;
}

const whole = v.pipe(
  v.string(),
  v.regex(/^-?\d{1,30}$/),
  v.transform((digits) => BigInt(digits)),
);
/** Base64 of one that is not UTF-8. */
const path = v.union([
  v.string(),
  v.pipe(
    v.strictObject({ base64: v.pipe(v.string(), v.base64()) }),
    v.transform(({ base64 }) => Buffer.from(base64, 'base64')),
  ),
]);
const schema = v.strictObject({
  manifest: v.unknown(),
  mayGrow: v.optional(v.boolean()),
  /** Arrays, not objects: there can be half a million. */
  identities: v.pipe(
    v.array(v.strictTuple([v.number(), path, whole, whole, whole, whole, whole])),
    v.maxLength(MANIFEST_ENTRIES_MAX),
  ),
});

export function encodeContent({ manifest, identities, mayGrow }: RecordedContent): string {
  return JSON.stringify({
    manifest,
    mayGrow,
    identities: [...identities].map(([index, { path, ...numbers }]) => {
      const { dev, ino, size, mtimeNs, ctimeNs } = numbers;
      const file = typeof path === 'string' ? path : { base64: path.toString('base64') };
      return [index, file, ...[dev, ino, size, mtimeNs, ctimeNs].map(String)];
    }),
  });
}

/** @throws Error unless it is what `encodeContent` makes */
export function decodeContent(json: string): RecordedContent {
  const { manifest, identities, mayGrow } = v.parse(schema, JSON.parse(json), { abortEarly: true });
  return {
    manifest: parseManifest(manifest),
    mayGrow,
    identities: new Map(
      identities.map(([index, path, dev, ino, size, mtimeNs, ctimeNs]) => [
        index,
        { path, dev, ino, size, mtimeNs, ctimeNs },
      ]),
    ),
  };
}
