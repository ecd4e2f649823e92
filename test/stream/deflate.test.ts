import { randomBytes } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { type Bytes, concat, utf8 } from '../../src/base/bytes.js';
import { webDeflate, webInflate } from '../../src/stream/deflate.js';
import { nodeInflate, nodePrimitives } from '../../src/transfer/node-primitives.js';

const inflates = [
  ['node:zlib', nodeInflate],
  ['Compression Streams', webInflate],
] as const;

async function all(pieces: AsyncIterable<Bytes>): Promise<Bytes> {
  const parts: Bytes[] = [];
  for await (const piece of pieces) parts.push(piece);
  return concat(...parts);
}

test.each(inflates)('%s reads what either has deflated', async (_, inflate) => {
  const contents: Bytes[] = [
    utf8('a'),
    utf8('a manifest, '.repeat(50_000)),
    new Uint8Array(randomBytes(300_000)),
  ];
  for (const content of contents) {
    const half = content.length >>> 1;
    for (const pieces of [[content], [content.subarray(0, half), content.subarray(half)]]) {
      for (const deflate of [nodePrimitives.deflate, webDeflate]) {
        const deflated = await deflate(pieces);
        const cut = deflated.length >>> 1;
        const inflated = await all(inflate([deflated.subarray(0, cut), deflated.subarray(cut)]));
        expect(Buffer.compare(inflated, content)).toBe(0);
      }
    }
  }
});

describe.each(inflates)('%s', (_, inflate) => {
  const deflated = new Uint8Array(deflateRawSync(utf8('one more time, '.repeat(1000))));
  test.each([
    ['what is not deflated', utf8('{"kind":"files","entries":[]}')],
    ['what is not whole', deflated.subarray(0, -1)],
    ['nothing at all', new Uint8Array()],
  ])('refuses %s', async (_what, wrong) => {
    await expect(all(inflate([wrong]))).rejects.toThrow(Error);
  });
});

test('node:zlib takes in no more of a bomb than it is asked for', async () => {
  const bomb = new Uint8Array(deflateRawSync(new Uint8Array(64 * 1024 * 1024)));
  const parts = Array.from({ length: Math.ceil(bomb.length / 1024) }, (_part, index) =>
    bomb.subarray(index * 1024, (index + 1) * 1024),
  );
  let taken = 0;
  function* counted(): Generator<Bytes> {
    for (const part of parts) {
      taken++;
      yield part;
    }
  }
  for await (const piece of nodeInflate(counted())) {
    expect(piece.length).toBeGreaterThan(0);
    break;
  }
  expect(taken).toBeLessThan(parts.length / 2);
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
  expect(await all(webInflate([await nodePrimitives.deflate([content])]))).toEqual(content);
  expect(given.length).toBeGreaterThan(1);
  expect(Math.max(...given)).toBeLessThanOrEqual(16 * 1024);
});

test('the browser is told to stop when nobody reads on', async () => {
  const { DecompressionStream: Own } = globalThis;
  let isTold = false;
  class Watched {
    readonly writable: WritableStream<Bytes>;
    readonly readable: ReadableStream<Bytes>;
    constructor(format: CompressionFormat) {
      const { writable, readable } = new Own(format);
      const reader = readable.getReader();
      this.writable = writable;
      this.readable = new ReadableStream({
        async pull(controller): Promise<void> {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        async cancel(reason): Promise<void> {
          isTold = true;
          await reader.cancel(reason);
        },
      });
    }
  }
  vi.stubGlobal('DecompressionStream', Watched);
  onTestFinished(() => void vi.unstubAllGlobals());
  const content = new Uint8Array(randomBytes(300_000));
  for await (const piece of webInflate([await nodePrimitives.deflate([content])])) {
    expect(piece.length).toBeGreaterThan(0);
    break;
  }
  expect(isTold).toBe(true);
});
