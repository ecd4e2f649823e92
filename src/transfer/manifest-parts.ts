import { createHash } from 'node:crypto';
import { type Bytes, concat, fromUtf8, toBase64Url, utf8 } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import { FRAME_CONTENT_BYTES } from '../stream/frame.js';
import { MANIFEST_MAX_BYTES, type Manifest, parseManifest } from '../stream/manifest.js';
import type { SecureStream } from './secure-stream.js';

/** A manifest as it travels. */
export interface EncodedManifest {
  readonly json: Bytes;
  /** base64url of its SHA-256. */
  readonly digest: string;
}

/** @throws OnionferryError ERR_SOURCE if it is too long to travel */
export function encodeManifest(manifest: Manifest): EncodedManifest {
  const json = utf8(JSON.stringify(manifest));
  if (json.length > MANIFEST_MAX_BYTES) {
    throw new OnionferryError('ERR_SOURCE', 'too many files for one transfer; send them in parts');
  }
  return { json, digest: digestOf(json) };
}

export async function sendManifest(stream: SecureStream, { json }: EncodedManifest): Promise<void> {
  for (let at = 0; at < json.length; at += FRAME_CONTENT_BYTES) {
    const part = json.subarray(at, at + FRAME_CONTENT_BYTES);
    const last = at + FRAME_CONTENT_BYTES >= json.length;
    await stream.send({ frame: 'manifest', part, last });
  }
}

/** Puts a manifest together from what comes over one stream. */
export class ManifestParts {
  readonly #parts: Bytes[] = [];
  #bytes = 0;

  /**
   * @returns the manifest with its last part
   * @throws OnionferryError ERR_PROTOCOL
   */
  take(part: Bytes, last: boolean): { manifest: Manifest; digest: string } | undefined {
    this.#bytes += part.length;
    // Only the last part is short: empty ones could go on for ever.
    const isWhole = last || part.length === FRAME_CONTENT_BYTES;
    if (!isWhole || this.#bytes > MANIFEST_MAX_BYTES) {
      throw new OnionferryError('ERR_PROTOCOL', 'the sender made an offer of an impossible length');
    }
    this.#parts.push(part);
    if (!last) return undefined;
    const json = concat(...this.#parts.splice(0));
    return { manifest: read(json), digest: digestOf(json) };
  }
}

function read(json: Bytes): Manifest {
  try {
    return parseManifest(JSON.parse(fromUtf8(json)));
  } catch (cause) {
    throw new OnionferryError(
      'ERR_PROTOCOL',
      'the sender made an offer that this version does not understand; update both sides',
      { cause },
    );
  }
}

function digestOf(json: Bytes): string {
  return toBase64Url(createHash('sha256').update(json).digest());
}
