import { type Bytes, toBase64Url } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { MANIFEST_MAX_BYTES, MANIFEST_NAMES_MAX, type Manifest } from '../../stream/manifest.js';
import { manifestJson } from '../../stream/manifest-json.js';
import { readManifest } from '../../stream/manifest-parts.js';
import type { Primitives } from './primitives.js';

/*
 * A manifest is named by the base64url of the SHA-256 of its JSON: deflate may come to other bytes in
 * the next version.
 */

/** A manifest as it travels. */
export interface EncodedManifest {
  readonly deflated: Bytes;
  /** Its name. */
  readonly digest: string;
}

/** @throws OnionferryError ERR_SOURCE if it is too long to travel */
export async function encodeManifest(
  manifest: Manifest,
  primitives: Primitives,
): Promise<EncodedManifest> {
  const names = manifest.entries.reduce((sum, { path }) => sum + path.length, 0);
  if (names > MANIFEST_NAMES_MAX) throw tooMany();
  const pieces: Bytes[] = [];
  const hashing = primitives.sha256();
  let bytes = 0;
  for await (const piece of manifestJson(manifest)) {
    bytes += piece.length;
    if (bytes > MANIFEST_MAX_BYTES) throw tooMany();
    pieces.push(piece);
    hashing.update(piece);
  }
  return { deflated: await primitives.deflate(pieces), digest: toBase64Url(hashing.digest()) };
}

/**
 * @param deflated parts; each is taken out when it is read
 * @throws OnionferryError ERR_PROTOCOL; the signal's reason
 */
export async function decodeManifest(
  deflated: Bytes[],
  primitives: Primitives,
  signal?: AbortSignal,
): Promise<{ manifest: Manifest; digest: string }> {
  const hashing = primitives.sha256();
  const manifest = await readManifest(deflated, primitives.inflate, {
    onJson: (piece) => hashing.update(piece),
    ...(signal !== undefined && { signal }),
  });
  return { manifest, digest: toBase64Url(hashing.digest()) };
}

/** What names a manifest. */
export async function manifestDigest(manifest: Manifest, primitives: Primitives): Promise<string> {
  const hashing = primitives.sha256();
  for await (const piece of manifestJson(manifest)) hashing.update(piece);
  return toBase64Url(hashing.digest());
}

function tooMany(): OnionferryError {
  return new OnionferryError('ERR_SOURCE', 'too many files for one transfer; send them in parts');
}
