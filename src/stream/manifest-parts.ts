import { type Bytes, concat, fromUtf8 } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import type { Inflate } from './deflate.js';
import { FRAME_CONTENT_BYTES } from './frame.js';
import { MANIFEST_MAX_BYTES, type Manifest, parseManifest } from './manifest.js';
import type { Message } from './message.js';

/** Cuts a manifest, as deflated JSON, into the messages that it travels in. */
export function* manifestMessages(deflated: Bytes): Generator<Message, void, undefined> {
  for (let at = 0; at < deflated.length; at += FRAME_CONTENT_BYTES) {
    const part = deflated.subarray(at, at + FRAME_CONTENT_BYTES);
    yield { frame: 'manifest', part, last: at + FRAME_CONTENT_BYTES >= deflated.length };
  }
}

/** Puts a manifest together from what comes over one stream. */
export class ManifestParts {
  readonly #parts: Bytes[] = [];
  #bytes = 0;

  /**
   * @returns the deflated manifest with its last part
   * @throws OnionferryError ERR_PROTOCOL
   */
  take(part: Bytes, last: boolean): Bytes | undefined {
    this.#bytes += part.length;
    // Only the last part may be short: empty parts could be sent without end.
    const isWhole = last || part.length === FRAME_CONTENT_BYTES;
    if (!isWhole || this.#bytes > MANIFEST_MAX_BYTES) throw impossible();
    this.#parts.push(part);
    return last ? concat(...this.#parts.splice(0)) : undefined;
  }
}

/** @throws OnionferryError ERR_PROTOCOL */
export async function readManifest(
  deflated: Bytes,
  inflate: Inflate,
): Promise<{ manifest: Manifest; json: Bytes }> {
  const json = await inflate(deflated, MANIFEST_MAX_BYTES);
  if (json === undefined) throw impossible();
  try {
    return { manifest: parseManifest(JSON.parse(fromUtf8(json))), json };
  } catch (cause) {
    throw new OnionferryError(
      'ERR_PROTOCOL',
      'the sender made an offer that this version does not understand; update both sides',
      { cause },
    );
  }
}

function impossible(): OnionferryError {
  return new OnionferryError('ERR_PROTOCOL', 'the sender made an offer of an impossible length');
}
