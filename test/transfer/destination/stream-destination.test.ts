import { PassThrough, type Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { utf8 } from '../../../src/base/bytes.js';
import type { Destination } from '../../../src/session/receiving/destination.js';
import type { Manifest } from '../../../src/stream/manifest.js';
import { selectFrom } from '../../../src/transfer/destination/selection.js';
import {
  streamDestination,
  textDestination,
} from '../../../src/transfer/destination/stream-destination.js';

const one = (size: number | null): Manifest => ({
  kind: 'files',
  entries: [{ type: 'file', path: ['one'], size, mode: 0o644, mtime: 0 }],
});

/** Writes the pieces of `content` in the order of their keys, all at once. */
async function scatter(
  destination: Destination,
  content: Uint8Array<ArrayBuffer>,
  keys: readonly number[],
): Promise<void> {
  const cut = Math.max(1, Math.ceil(content.length / keys.length));
  const order = [...keys.keys()].sort((a, b) => keys[a]! - keys[b]!);
  await Promise.all(
    order
      .filter((i) => i * cut < content.length)
      .map((i) => destination.write(i * cut, content.subarray(i * cut, (i + 1) * cut))),
  );
}

async function passingOn(output: Writable, manifest: Manifest): Promise<Destination> {
  return streamDestination(output, manifest, await selectFrom(manifest));
}

describe('a destination that passes content on', () => {
  test('passes it on in order, in whatever order it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1, maxLength: 100_000 }),
        fc.array(fc.nat(), { minLength: 1, maxLength: 50 }),
        async (bytes, keys) => {
          const content = new Uint8Array(bytes);
          const output = new PassThrough();
          const passed = buffer(output);
          const destination = await passingOn(output, one(null));
          await scatter(destination, content, keys);
          await destination.finish(content.length);
          output.end();
          expect((await passed).equals(content)).toBe(true);
        },
      ),
    );
  });

  test('shows a text that came in pieces', async () => {
    let shown = '';
    const content = utf8('grüße an alle, die das lesen');
    const manifest: Manifest = { ...one(content.length), kind: 'text' };
    const destination = textDestination(manifest, (text) => (shown = text));
    await scatter(destination, content, [3, 1, 2, 0]);
    await destination.finish(content.length);
    expect(shown).toBe('grüße an alle, die das lesen');
  });

  test('refuses what came before, and an end that is none', async () => {
    const destination = await passingOn(new PassThrough(), one(10));
    await destination.write(5, new Uint8Array(5));
    await expect(destination.write(9, new Uint8Array(1))).rejects.toMatchObject({
      code: 'ERR_INTERNAL',
    });
    await expect(destination.finish(10)).rejects.toMatchObject({ code: 'ERR_INTERNAL' });
  });

  test('answers early what waits for its turn, but not without bounds', async () => {
    const output = new PassThrough();
    output.resume();
    const destination = await passingOn(output, one(null));
    const mebibyte = 1024 * 1024;
    const answered: number[] = [];
    const writes: Promise<unknown>[] = [];
    for (let i = 1; i <= 40; i++) {
      const writing = destination.write(i * mebibyte, new Uint8Array(mebibyte));
      writes.push(writing.then(() => answered.push(i)));
    }
    await Promise.all(writes.slice(0, 32));
    expect(answered).toHaveLength(32);
    await destination.write(0, new Uint8Array(mebibyte));
    await Promise.all(writes);
    await destination.finish(41 * mebibyte);
  });

  test('fails when its reader is gone, for every waiting write', async () => {
    const output = new PassThrough();
    output.on('error', () => undefined);
    const destination = await passingOn(output, one(null));
    output.destroy(Object.assign(new Error('gone'), { code: 'EPIPE' }));
    await destination.write(1, new Uint8Array(1));
    const failed = { code: 'ERR_DESTINATION' };
    await expect(destination.write(0, new Uint8Array(1))).rejects.toMatchObject(failed);
    await expect(destination.finish(2)).rejects.toMatchObject(failed);
  });
});
