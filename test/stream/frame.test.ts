import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concat, randomBytes, utf8 } from '../../src/base/bytes.js';
import { webAead } from '../../src/stream/aead.js';
import {
  FRAME_PLAINTEXT_MAX_BYTES,
  FrameOpener,
  FrameSealer,
  FrameSplitter,
} from '../../src/stream/frame.js';
import { nodeAead } from '../../src/transfer/node-primitives.js';

async function sealAll(key: Uint8Array<ArrayBuffer>, texts: string[]): Promise<Uint8Array[]> {
  const sealer = new FrameSealer(nodeAead(key));
  const frames: Uint8Array[] = [];
  for (const text of texts) frames.push(concat(...(await sealer.seal(utf8(text)))));
  return frames;
}

/** Copies: each frame is good only until the next is asked for. */
function framesOf(splitter: FrameSplitter, piece: Uint8Array): Uint8Array<ArrayBuffer>[] {
  return Array.from(splitter.push(piece), (frame) => frame.slice());
}

describe('FrameSplitter', () => {
  test('finds the same frames however the bytes are cut', async () => {
    const wire = concat(...(await sealAll(randomBytes(32), ['one', 'two', 'x'.repeat(5000)])));
    const whole = framesOf(new FrameSplitter(), wire);
    expect(whole).toHaveLength(3);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1 }), (cuts) => {
        const splitter = new FrameSplitter();
        const frames: Uint8Array[] = [];
        let at = 0;
        for (let i = 0; at < wire.length; i++) {
          const piece = wire.subarray(at, at + cuts[i % cuts.length]!);
          frames.push(...framesOf(splitter, piece));
          at += piece.length;
        }
        expect(frames).toEqual(whole);
        expect(splitter.atBoundary).toBe(true);
      }),
    );
    const byteByByte = new FrameSplitter();
    expect([...wire].flatMap((byte) => framesOf(byteByByte, new Uint8Array([byte])))).toEqual(
      whole,
    );
  });

  test('is not at a boundary in the middle of a frame', async () => {
    const [frame] = await sealAll(randomBytes(32), ['one']);
    for (let length = 1; length < frame!.length; length++) {
      const splitter = new FrameSplitter();
      expect(framesOf(splitter, frame!.subarray(0, length))).toEqual([]);
      expect(splitter.atBoundary).toBe(false);
    }
  });

  test.each([
    0,
    1,
    16,
    FRAME_PLAINTEXT_MAX_BYTES + 17,
    0xffffffff,
  ])('refuses the impossible length %i before it allocates anything', (length) => {
    const header = new Uint8Array(4);
    new DataView(header.buffer).setUint32(0, length);
    expect(() => framesOf(new FrameSplitter(), header)).toThrow(
      expect.objectContaining({ code: 'ERR_STREAM' }),
    );
  });
});

describe('FrameSealer', () => {
  test('seals from a byte to a full frame, which come out whole', async () => {
    for (const length of [1, FRAME_PLAINTEXT_MAX_BYTES]) {
      const [aead, plaintext] = [nodeAead(randomBytes(32)), new Uint8Array(length).fill(7)];
      const wire = concat(...(await new FrameSealer(aead).seal(plaintext)));
      const [frame, ...more] = framesOf(new FrameSplitter(), wire);
      expect(more).toEqual([]);
      const opened = await new FrameOpener(aead).open(frame!);
      expect(Buffer.compare(opened, plaintext)).toBe(0);
    }
  });

  test.each([0, FRAME_PLAINTEXT_MAX_BYTES + 1])('makes no frame of %i bytes', async (length) => {
    const sealing = new FrameSealer(nodeAead(randomBytes(32))).seal(new Uint8Array(length));
    await expect(sealing).rejects.toMatchObject({ code: 'ERR_INTERNAL' });
  });
});

describe.each([
  ['node:crypto', nodeAead],
  ['WebCrypto', webAead],
])('frames opened by %s', (_, aead) => {
  const texts = ['first', 'second', 'third'];

  async function frames(): Promise<{ key: Uint8Array<ArrayBuffer>; sealed: Uint8Array[] }> {
    const key = randomBytes(32);
    const wire = concat(...(await sealAll(key, texts)));
    return { key, sealed: framesOf(new FrameSplitter(), wire) };
  }

  test('come out as they went in, whichever side sealed them', async () => {
    const { key, sealed } = await frames();
    const opener = new FrameOpener(await aead(key));
    for (const [i, text] of texts.entries()) {
      const opened = await opener.open(Uint8Array.from(sealed[i]!));
      expect(Uint8Array.from(opened)).toEqual(utf8(text));
    }
    const sealer = new FrameSealer(await aead(key));
    const [frame] = framesOf(new FrameSplitter(), concat(...(await sealer.seal(utf8('back')))));
    expect(Uint8Array.from(await new FrameOpener(nodeAead(key)).open(frame!))).toEqual(
      utf8('back'),
    );
  });

  test('have numbers of their own when they are sealed at the same time', async () => {
    const key = randomBytes(32);
    const sealer = new FrameSealer(await aead(key));
    const sealed = await Promise.all(texts.map((text) => sealer.seal(utf8(text))));
    const opener = new FrameOpener(await aead(key));
    for (const [i, frame] of framesOf(new FrameSplitter(), concat(...sealed.flat())).entries()) {
      expect(Uint8Array.from(await opener.open(frame))).toEqual(utf8(texts[i]!));
    }
  });

  test.each([
    ['repeated', [0, 0]],
    ['left out', [1]],
    ['moved', [0, 2]],
  ])('are refused when one was %s', async (_case, order) => {
    const { key, sealed } = await frames();
    const opener = new FrameOpener(await aead(key));
    const opening = (async () => {
      for (const index of order) await opener.open(Uint8Array.from(sealed[index]!));
    })();
    await expect(opening).rejects.toMatchObject({ code: 'ERR_STREAM' });
  });

  test('are refused when any single bit was changed', async () => {
    const { key, sealed } = await frames();
    const frame = sealed[0]!;
    for (let bit = 0; bit < frame.length * 8; bit++) {
      const changed = Uint8Array.from(frame);
      changed[bit >> 3]! ^= 1 << (bit & 7);
      const opener = new FrameOpener(await aead(key));
      await expect(opener.open(changed)).rejects.toMatchObject({ code: 'ERR_STREAM' });
    }
  });

  test('are refused when the end was cut off', async () => {
    const { key, sealed } = await frames();
    const opener = new FrameOpener(await aead(key));
    await expect(opener.open(Uint8Array.from(sealed[0]!.subarray(0, -1)))).rejects.toMatchObject({
      code: 'ERR_STREAM',
    });
  });
});
