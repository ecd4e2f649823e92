import { type Bytes, toBase64Url, utf8 } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { MANIFEST_MAX_BYTES, type Manifest } from '../../stream/manifest.js';
import { readManifest } from '../../stream/manifest-parts.js';
import type { Primitives } from './primitives.js';

/** A manifest as it travels. */
export interface EncodedManifest {
  readonly deflated: Bytes;
  /** See `digestOf`. */
  readonly digest: string;
}

/** @throws OnionferryError ERR_SOURCE if it is too long to travel */
export async function encodeManifest(
  manifest: Manifest,
  primitives: Primitives,
): Promise<EncodedManifest> {
  const json = toJson(manifest);
  if (json.length > MANIFEST_MAX_BYTES) {
    throw new OnionferryError('ERR_SOURCE', 'too many files for one transfer; send them in parts');
  }
  const digest = await digestOf(json, primitives);
  return { deflated: await primitives.deflate(json), digest };
}

/** @throws OnionferryError ERR_PROTOCOL */
export async function decodeManifest(
  deflated: Bytes,
  primitives: Primitives,
): Promise<{ manifest: Manifest; digest: string }> {
  const { manifest, json } = await readManifest(deflated, primitives.inflate);
  return { manifest, digest: await digestOf(json, primitives) };
}

/** What names a manifest. */
export async function manifestDigest(manifest: Manifest, primitives: Primitives): Promise<string> {
  return await digestOf(toJson(manifest), primitives);
}

function toJson(manifest: Manifest): Bytes {
  return utf8(JSON.stringify(manifest));
}

/** base64url of the SHA-256 of its JSON: deflate may come to other bytes in the next version. */
async function digestOf(json: Bytes, { sha256 }: Primitives): Promise<string> {
  return toBase64Url(await sha256(json));
}
