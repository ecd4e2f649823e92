import type { Bytes } from '../base/bytes.js';
import { inPieces, jsonArray, Slices } from '../base/slices.js';
import { type Manifest, ManifestBuilder } from './manifest.js';
import { ManifestScanner } from './manifest-scanner.js';

/** What is looked through before others may have their turn. */
const PIECE_BYTES: number = 64 * 1024;

/**
 * The JSON of a manifest, as `JSON.stringify` makes it, without blocking for long.
 *
 * @yields pieces of about 64 KiB, or of a single longer entry
 */
export async function* manifestJson(manifest: Manifest): AsyncGenerator<Bytes, void, undefined> {
  yield* inPieces(manifestParts(manifest));
}

function* manifestParts({ kind, entries, ...others }: Manifest): Generator<string> {
  yield `{"kind":${JSON.stringify(kind)},"entries":`;
  yield* jsonArray(entries);
  const end = JSON.stringify(others).slice(1);
  yield `${end === '}' ? '' : ','}${end}`;
}

/**
 * Reads the JSON of a manifest while it comes: without blocking for long, and without ever holding
 * it whole.
 *
 * @throws Error of any kind if it is none; what `pieces` throws
 */
export async function parseManifestJson(
  pieces: AsyncIterable<Bytes> | Iterable<Bytes>,
): Promise<Manifest> {
  const builder = new ManifestBuilder();
  const scanner = new ManifestScanner();
  const slices = new Slices();
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length; at += PIECE_BYTES) {
      for (const entries of scanner.scan(piece.subarray(at, at + PIECE_BYTES))) {
        for (const entry of entries) {
          builder.add(entry);
          if (slices.isOver) await slices.next();
        }
      }
      if (slices.isOver) await slices.next();
    }
  }
  return builder.end(scanner.end());
}
