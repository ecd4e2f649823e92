import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  decodeManifest,
  encodeManifest,
  manifestDigest,
} from '../../../src/session/conversation/encoded-manifest.js';
import {
  type Entry,
  MANIFEST_MAX_BYTES,
  MANIFEST_NAMES_MAX,
  type Manifest,
} from '../../../src/stream/manifest.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';

const link = (target: string, path: readonly string[] = ['a']): Entry => ({
  type: 'link',
  path,
  target,
});
const source = expect.objectContaining({ code: 'ERR_SOURCE' }) as unknown;

describe('a manifest that travels', () => {
  const manifest: Manifest = {
    kind: 'files',
    entries: [link('+/='), { type: 'file', path: ['ü'], size: 1, mode: 0o644, mtime: 0 }],
  };

  test('is named by the SHA-256 of its JSON, wherever it is looked at', async () => {
    const digest = createHash('sha256').update(JSON.stringify(manifest)).digest('base64url');
    const encoded = await encodeManifest(manifest, nodePrimitives);
    expect(encoded.digest).toBe(digest);
    expect(await manifestDigest(manifest, nodePrimitives)).toBe(digest);
    expect(await decodeManifest([encoded.deflated], nodePrimitives)).toEqual({ manifest, digest });
  });

  test('is not read for somebody who has ended meanwhile', async () => {
    const { deflated } = await encodeManifest(manifest, nodePrimitives);
    const ended = AbortSignal.abort(new Error('ended'));
    await expect(decodeManifest([deflated], nodePrimitives, ended)).rejects.toThrow('ended');
  });

  test('is refused to its sender where no recipient would take it', async () => {
    const path = new Array<string>(MANIFEST_NAMES_MAX / 1000).fill('a');
    const names = [...new Array<Entry>(1000).fill(link('b', path)), link('b')];
    const length = [link('b'.repeat(MANIFEST_MAX_BYTES))];
    for (const entries of [names, length]) {
      await expect(encodeManifest({ kind: 'files', entries }, nodePrimitives)).rejects.toEqual(
        source,
      );
    }
  });
});
