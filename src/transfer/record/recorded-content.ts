import * as v from 'valibot';
import { MANIFEST_ENTRIES_MAX, type Manifest, parseManifest } from '../../stream/manifest.js';
import type { FileIdentity } from '../source/file-identity.js';

/** What a transfer carries; it can be large, and is written once. */
export interface RecordedContent {
  readonly manifest: Manifest;
  /** Of the sender's files, by index in the manifest. */
  readonly identities: ReadonlyMap<number, FileIdentity>;
}

const whole = v.pipe(
  v.string(),
  v.regex(/^-?\d{1,30}$/),
  v.transform((digits) => BigInt(digits)),
);
const schema = v.strictObject({
  manifest: v.unknown(),
  /** Arrays, not objects: there can be half a million. */
  identities: v.pipe(
    v.array(v.strictTuple([v.number(), v.string(), whole, whole, whole, whole, whole])),
    v.maxLength(MANIFEST_ENTRIES_MAX),
  ),
});

export function encodeContent({ manifest, identities }: RecordedContent): string {
  return JSON.stringify({
    manifest,
    identities: [...identities].map(([index, { path, ...numbers }]) => {
      const { dev, ino, size, mtimeNs, ctimeNs } = numbers;
      return [index, path, ...[dev, ino, size, mtimeNs, ctimeNs].map(String)];
    }),
  });
}

/** @throws Error unless it is what `encodeContent` makes */
export function decodeContent(json: string): RecordedContent {
  const { manifest, identities } = v.parse(schema, JSON.parse(json), { abortEarly: true });
  return {
    manifest: parseManifest(manifest),
    identities: new Map(
      identities.map(([index, path, dev, ino, size, mtimeNs, ctimeNs]) => [
        index,
        { path, dev, ino, size, mtimeNs, ctimeNs },
      ]),
    ),
  };
}
