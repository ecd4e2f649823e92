import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Bytes, utf8 } from '../../src/base/bytes.js';
import { webDeflate, webInflate } from '../../src/stream/deflate.js';
import { nodeInflate, nodePrimitives } from '../../src/transfer/node-primitives.js';

const inflates = [
  ['node:zlib', nodeInflate],
  ['Compression Streams', webInflate],
] as const;

test.each(inflates)('%s reads what either has deflated', async (_, inflate) => {
  const contents: Bytes[] = [
    utf8('a'),
    utf8('a manifest, '.repeat(50_000)),
    new Uint8Array(randomBytes(300_000)),
  ];
  for (const content of contents) {
    for (const deflate of [nodePrimitives.deflate, webDeflate]) {
      const inflated = await inflate(await deflate(content), content.length);
      expect(Buffer.compare(inflated ?? utf8('nothing'), content)).toBe(0);
    }
  }
});

describe.each(inflates)('%s refuses', (_, inflate) => {
  const content = utf8('one more time, '.repeat(1000));
  const deflated = new Uint8Array(deflateRawSync(content));
  test('more than was allowed', async () => {
    expect(await inflate(deflated, content.length - 1)).toBeUndefined();
  });

  test('to make much of little', async () => {
    const bomb = new Uint8Array(deflateRawSync(new Uint8Array(64 * 1024 * 1024)));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await inflate(bomb, 1024 * 1024)).toBeUndefined();
  });

  test.each([
    ['what is not deflated', utf8('{"kind":"files","entries":[]}')],
    ['what is not whole', deflated.subarray(0, -1)],
    ['nothing at all', new Uint8Array()],
  ])('%s', async (_what, wrong) => {
    expect(await inflate(wrong, content.length)).toBeUndefined();
  });
});

test('the browser is given a little at a time, since it makes all of it before it can be told to stop', async () => {
  const given: number[] = [];
  const { DecompressionStream: Own } = globalThis;
  class Watched extends TransformStream<Bytes, Bytes> {
    constructor(format: CompressionFormat) {
      super();
      const { writable, readable } = new Own(format);
      const watch = new TransformStream<Bytes, Bytes>({
        transform(piece, out): void {
          given.push(piece.length);
          out.enqueue(piece);
        },
      });
      watch.readable.pipeTo(writable).catch(() => undefined);
      Object.defineProperties(this, {
        writable: { value: watch.writable },
        readable: { value: readable },
      });
    }
  }
  vi.stubGlobal('DecompressionStream', Watched);
  onTestFinished(() => void vi.unstubAllGlobals());
  const content = new Uint8Array(randomBytes(300_000));
  expect(await webInflate(await nodePrimitives.deflate(content), content.length)).toEqual(content);
  expect(given.length).toBeGreaterThan(1);
  expect(Math.max(...given)).toBeLessThanOrEqual(16 * 1024);
});
