import * as v from 'valibot';
import { type Bytes, utf8 } from '../../base/bytes.js';
import { inPieces, jsonArray } from '../../base/slices.js';
import { MANIFEST_ENTRIES_MAX, type Manifest } from '../../stream/manifest.js';
import { manifestJson, parseManifestJson } from '../../stream/manifest-json.js';
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
  mayGrow: v.optional(v.boolean()),
  /** Arrays, not objects: there can be half a million. */
  identities: v.pipe(
    v.array(v.strictTuple([v.number(), path, whole, whole, whole, whole, whole])),
    v.maxLength(MANIFEST_ENTRIES_MAX),
  ),
});

/** @yields the manifest, a line; then what is ours; both in turns with everything else */
export async function* encodeContent(
  content: RecordedContent,
): AsyncGenerator<Bytes, void, undefined> {
  const { manifest, identities, mayGrow } = content;
  yield* manifestJson(manifest);
  yield* inPieces(
    (function* () {
      yield `\n{${mayGrow === undefined ? '' : `"mayGrow":${mayGrow},`}"identities":`;
      yield* jsonArray(identities, encodedIdentity);
      yield '}';
    })(),
  );
}

function encodedIdentity([index, { path, ...numbers }]: [number, FileIdentity]): unknown {
  const { dev, ino, size, mtimeNs, ctimeNs } = numbers;
  const file = typeof path === 'string' ? path : { base64: path.toString('base64') };
  return [index, file, ...[dev, ino, size, mtimeNs, ctimeNs].map(String)];
}

/** @throws Error unless it is what `encodeContent` makes */
export async function decodeContent(recorded: string): Promise<RecordedContent> {
  const end = recorded.indexOf('\n');
  const ours: unknown = JSON.parse(recorded.slice(end + 1));
  const { identities, mayGrow } = v.parse(schema, ours, { abortEarly: true });
  return {
    manifest: await parseManifestJson([utf8(recorded.slice(0, Math.max(0, end)))]),
    mayGrow,
    identities: new Map(
      identities.map(([index, path, dev, ino, size, mtimeNs, ctimeNs]) => [
        index,
        { path, dev, ino, size, mtimeNs, ctimeNs },
      ]),
    ),
  };
}
