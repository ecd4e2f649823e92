import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../src/base/bytes.js';
import { decodeManifest, encodeManifest } from '../../src/session/conversation/encoded-manifest.js';
import { webDeflate, webInflate } from '../../src/stream/deflate.js';
import { FRAME_CONTENT_BYTES } from '../../src/stream/frame.js';
import type { Manifest } from '../../src/stream/manifest.js';
import { ManifestParts, manifestMessages, readManifest } from '../../src/stream/manifest-parts.js';
import { nodePrimitives } from '../../src/transfer/node-primitives.js';

/** Names that hardly shrink, so that there are several parts. */
const manifest: Manifest = {
  kind: 'files',
  entries: Array.from({ length: 10_000 }, () => ({
    type: 'file',
    path: [randomBytes(60).toString('base64url')],
    size: 1000,
    mode: 0o644,
    mtime: 1_700_000_000_000.25,
  })),
};

function join(deflated: Bytes): Bytes[] | undefined {
  const parts = new ManifestParts();
  let whole: Bytes[] | undefined;
  for (const message of manifestMessages(deflated)) {
    expect(whole).toBeUndefined();
    whole = parts.take(message.part, message.last);
  }
  return whole;
}

describe('a manifest', () => {
  test('comes out of its parts as it was, and under the same digest', async () => {
    const { deflated, digest } = await encodeManifest(manifest, nodePrimitives);
    expect(deflated.length).toBeGreaterThan(2 * FRAME_CONTENT_BYTES);
    const whole = join(deflated);
    expect(await decodeManifest(whole ?? [], nodePrimitives)).toEqual({
      manifest,
      digest,
    });
  });

  test('takes a tenth of its length for files of one folder', async () => {
    const entries = Array.from({ length: 10_000 }, (_, number) => ({
      ...({ type: 'file', path: ['folder', `file-${number}`], size: 1000, mode: 0o644 } as const),
      mtime: 1_700_000_000_000 + number,
    }));
    const { deflated } = await encodeManifest({ kind: 'files', entries }, nodePrimitives);
    expect(deflated.length).toBeLessThan(JSON.stringify(entries).length / 10);
  });

  test('can be read and written without Node', async () => {
    const json = new TextEncoder().encode(JSON.stringify(manifest));
    expect(await decodeManifest([await webDeflate([json])], nodePrimitives)).toMatchObject({
      manifest,
    });
    const read = await readManifest(
      [(await encodeManifest(manifest, nodePrimitives)).deflated],
      webInflate,
    );
    expect(read).toEqual(manifest);
  });
});
