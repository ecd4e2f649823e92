import { createHash } from 'node:crypto';
import { type Bytes, toBase64Url, utf8 } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { MANIFEST_MAX_BYTES, type Manifest } from '../stream/manifest.js';
import { readManifest } from '../stream/manifest-parts.js';
import { nodeDeflate, nodeInflate } from '../transfer/node-deflate.js';

/** A manifest as it travels. */
export interface EncodedManifest {
  readonly deflated: Bytes;
  /** See `digestOf`. */
  readonly digest: string;
}

/** @throws OnionferryError ERR_SOURCE if it is too long to travel */
export function encodeManifest(manifest: Manifest): EncodedManifest {
  const json = toJson(manifest);
  if (json.length > MANIFEST_MAX_BYTES) {
    throw new OnionferryError('ERR_SOURCE', 'too many files for one transfer; send them in parts');
  }
  return { deflated: nodeDeflate(json), digest: digestOf(json) };
}

/** @throws OnionferryError ERR_PROTOCOL */
export async function decodeManifest(
  deflated: Bytes,
): Promise<{ manifest: Manifest; digest: string }> {
  const { manifest, json } = await readManifest(deflated, nodeInflate);
  return { manifest, digest: digestOf(json) };
}

/** What names a manifest. */
export function manifestDigest(manifest: Manifest): string {
  return digestOf(toJson(manifest));
}

function toJson(manifest: Manifest): Bytes {
  return utf8(JSON.stringify(manifest));
}

/** base64url of the SHA-256 of its JSON: deflate may come to other bytes in the next version. */
function digestOf(json: Bytes): string {
  return toBase64Url(createHash('sha256').update(json).digest());
}
