import { Readable } from 'node:stream';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Growth, Source } from '../../../src/session/sending/source.js';
import { FRAME_CONTENT_BYTES } from '../../../src/stream/frame.js';
import { streamSource } from '../../../src/transfer/source/stream-source.js';

function growing(pieces: readonly Uint8Array[]): { source: Source; growth: Growth } {
  const source = streamSource(Readable.from(pieces, { objectMode: false }), 'stdin');
  if (source.growth === undefined) throw new Error('it does not grow');
  return { source, growth: source.growth };
}

async function readAll(source: Source, from: number, to: number): Promise<Uint8Array> {
  const content = new Uint8Array(to - from);
  for (let at = 0; at < content.length; ) {
    const read = await source.read(from + at, content.subarray(at));
    expect(read).toBeGreaterThan(0);
    at += read;
  }
  return content;
}

const lost = { code: 'ERR_SOURCE' };

describe('content that comes while it is sent', () => {
  test('grows by what there is, a frame at most', async () => {
    const { growth } = growing([new Uint8Array(10), new Uint8Array(FRAME_CONTENT_BYTES + 1)]);
    const grown: number[] = [];
    while (!growth.isOver) grown.push(await growth.more());
    expect(grown).toEqual([10, FRAME_CONTENT_BYTES, 1, 0]);
    expect(growth.length).toBe(FRAME_CONTENT_BYTES + 11);
  });

  test('can be read again from anywhere, until it is released', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (lengths, a, b) => {
        const total = lengths.reduce((sum, length) => sum + length, 0);
        const content = Uint8Array.from({ length: total }, (_, i) => i % 251);
        let at = 0;
        const pieces = lengths.map((length) => content.slice(at, (at += length)));
        const { source, growth } = growing(pieces);
        while (!growth.isOver) await growth.more();
        const [released, from] = [a % (total + 1), b % (total + 1)];
        expect(await readAll(source, from, total)).toEqual(content.slice(from));
        growth.release(released);
        expect(await readAll(source, released, total)).toEqual(content.slice(released));
        await source[Symbol.asyncDispose]();
      }),
    );
  });

  test('is not there any more once it is released, which is said', async () => {
    const { source, growth } = growing([new Uint8Array(10), new Uint8Array(10)]);
    while (!growth.isOver) await growth.more();
    growth.release(15);
    await expect(source.read(9, new Uint8Array(1))).rejects.toMatchObject(lost);
    // In one piece with what may be asked for.
    expect(await source.read(10, new Uint8Array(20))).toBe(10);
    growth.release(20);
    await expect(source.read(19, new Uint8Array(1))).rejects.toMatchObject(lost);
    expect(await source.read(20, new Uint8Array(1))).toBe(0);
  });

  test('cannot be read before it has come', async () => {
    const { source, growth } = growing([new Uint8Array(10)]);
    await growth.more();
    await expect(source.read(11, new Uint8Array(1))).rejects.toMatchObject(lost);
  });

  test('fails with its input', async () => {
    const input = new Readable({ read: () => undefined });
    const source = streamSource(input, 'stdin');
    input.destroy(new Error('the disk is broken'));
    await expect(source.growth?.more()).rejects.toMatchObject(lost);
  });
});
