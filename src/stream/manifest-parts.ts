import type { Bytes } from '../base/bytes.js';
import { OnionferryError } from '../base/errors.js';
import type { Inflate } from './deflate.js';
import { FRAME_CONTENT_BYTES } from './frame.js';
import { MANIFEST_MAX_BYTES, type Manifest } from './manifest.js';
import { parseManifestJson } from './manifest-json.js';
import type { Message } from './message.js';

/** A part of a manifest on its way. */
type ManifestMessage = Extract<Message, { frame: 'manifest' }>;

/** Cuts a manifest, as deflated JSON, into the messages that it travels in. */
export function* manifestMessages(deflated: Bytes): Generator<ManifestMessage, void, undefined> {
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
   * @returns the parts of the deflated manifest with its last one
   * @throws OnionferryError ERR_PROTOCOL
   */
  take(part: Bytes, last: boolean): Bytes[] | undefined {
    this.#bytes += part.length;
    // Only the last part may be short: empty parts could be sent without end.
    const isWhole = last || part.length === FRAME_CONTENT_BYTES;
    if (!isWhole || this.#bytes > MANIFEST_MAX_BYTES) throw impossible();
    this.#parts.push(part);
    return last ? this.#parts.splice(0) : undefined;
  }
}

/**
 * Inflates a manifest and reads it at the same time: whatever it would become, it costs what is
 * kept of it.
 *
 * @param deflated its parts; each is taken out when it is read
 * @param onJson is given its JSON, in pieces
 * @throws OnionferryError ERR_PROTOCOL; the signal's reason
 */
export async function readManifest(
  deflated: Bytes[],
  inflate: Inflate,
  { onJson, signal }: { onJson?: (piece: Bytes) => void; signal?: AbortSignal } = {},
): Promise<Manifest> {
  async function* json(): AsyncGenerator<Bytes, void, undefined> {
    let bytes = 0;
    for await (const piece of inflate(takenOut(deflated))) {
      signal?.throwIfAborted();
      bytes += piece.length;
      if (bytes > MANIFEST_MAX_BYTES) throw impossible();
      onJson?.(piece);
      yield piece;
    }
  }
  try {
    return await parseManifestJson(json());
  } catch (cause) {
    signal?.throwIfAborted();
    if (cause instanceof OnionferryError) throw cause;
    throw new OnionferryError(
      'ERR_PROTOCOL',
      'the sender made an offer that this version does not understand; update both sides',
      { cause },
    );
  }
}

function* takenOut(parts: Bytes[]): Generator<Bytes, void, undefined> {
  for (let part = parts.shift(); part !== undefined; part = parts.shift()) yield part;
}

function impossible(): OnionferryError {
  return new OnionferryError('ERR_PROTOCOL', 'the sender made an offer of an impossible length');
}
