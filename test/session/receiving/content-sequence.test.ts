import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { type Deferred, deferred } from '../../../src/base/deferred.js';
import { ContentSequence } from '../../../src/session/receiving/content-sequence.js';

const MIB = 1024 * 1024;
const internal = expect.objectContaining({ code: 'ERR_INTERNAL' }) as unknown;

/** Passes on what a sequence passes on, one piece after the other, when it is told to. */
function outlet(): {
  passed: number[];
  pieces: Deferred<undefined>[];
  passOn: (content: Uint8Array) => Promise<undefined>;
} {
  const passed: number[] = [];
  const pieces: Deferred<undefined>[] = [];
  const passOn = (content: Uint8Array): Promise<undefined> => {
    passed.push(...content);
    const piece = deferred<undefined>();
    pieces.push(piece);
    return piece.promise;
  };
  return { passed, pieces, passOn };
}

/** Passes everything on at once. */
function open(passed: number[]): ContentSequence {
  return new ContentSequence((content) => {
    passed.push(...content);
    return Promise.resolve();
  });
}

const bytes = (...values: number[]): Uint8Array<ArrayBuffer> => Uint8Array.from(values);

describe('content that is passed on in order', () => {
  test('comes out as it belongs, in whatever order it came', async () => {
    const passed: number[] = [];
    const sequence = open(passed);
    await sequence.write(4, bytes(5, 6));
    await sequence.write(1, bytes(2, 3, 4));
    expect(passed).toEqual([]);
    await sequence.write(0, bytes(1));
    expect(passed).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...sequence.written]).toEqual([[0, 6]]);
    await expect(sequence.finish(6)).resolves.toBeUndefined();
  });

  test('is passed on piece by piece, and is written when it has been', async () => {
    const { passed, pieces, passOn } = outlet();
    const sequence = new ContentSequence(passOn);
    const written: string[] = [];
    const first = sequence.write(0, bytes(1)).then(() => written.push('first'));
    const second = sequence.write(1, bytes(2)).then(() => written.push('second'));
    await setImmediate();
    expect(passed).toEqual([1]);
    // The second waits for its turn in memory, of which there is enough.
    expect(written).toEqual(['second']);
    pieces[0]?.resolve(undefined);
    await first;
    await setImmediate();
    expect(passed).toEqual([1, 2]);
    pieces[1]?.resolve(undefined);
    await second;
    await sequence.finish(2);
  });

  test('makes its writer wait where 32 MiB wait for their turn already', async () => {
    const { pieces, passOn } = outlet();
    const sequence = new ContentSequence(async (content) => {
      await passOn(content.subarray(0, 1));
    });
    await sequence.write(1, new Uint8Array(32 * MIB));
    let isWritten = false;
    const beyond = sequence.write(1 + 32 * MIB, bytes(1)).then(() => {
      isWritten = true;
    });
    await setImmediate();
    expect(isWritten).toBe(false);
    const first = sequence.write(0, bytes(1));
    for (let piece = 0; piece < 3; piece++) {
      await expect.poll(() => pieces.length).toBe(piece + 1);
      pieces[piece]?.resolve(undefined);
    }
    await Promise.all([first, beyond]);
    // What was passed on takes no memory any more.
    await sequence.write(3 + 32 * MIB, new Uint8Array(32 * MIB));
  });

  test('is refused where it comes a second time, be it passed on, held or on its way', async () => {
    const { pieces, passOn } = outlet();
    const sequence = new ContentSequence(passOn);
    const first = sequence.write(0, bytes(1, 2));
    await expect(sequence.write(0, bytes(1, 2))).rejects.toEqual(internal);
    await setImmediate();
    pieces[0]?.resolve(undefined);
    await first;
    await sequence.write(4, bytes(5, 6));
    for (const [position, length] of [
      [0, 2],
      [1, 1],
      [1, 2],
      [3, 2],
      [4, 2],
      [5, 2],
    ] as const) {
      await expect(sequence.write(position, new Uint8Array(length))).rejects.toEqual(internal);
    }
    expect([...sequence.written]).toEqual([
      [0, 2],
      [4, 6],
    ]);
  });

  test('is finished when all of it has come, neither before nor beyond', async () => {
    const sequence = open([]);
    await sequence.finish(0);
    await sequence.write(0, bytes(1, 2));
    await sequence.write(3, bytes(4));
    for (const total of [1, 2, 3, 4])
      await expect(sequence.finish(total)).rejects.toEqual(internal);
    await sequence.write(2, bytes(3));
    for (const total of [3, 5]) await expect(sequence.finish(total)).rejects.toEqual(internal);
    await expect(sequence.finish(4)).resolves.toBeUndefined();
  });

  test('is finished only when the last of it has been passed on', async () => {
    const { pieces, passOn } = outlet();
    const sequence = new ContentSequence(passOn);
    const written = sequence.write(0, bytes(1));
    let isFinished = false;
    const finished = sequence.finish(1).then(() => {
      isFinished = true;
    });
    await setImmediate();
    expect(isFinished).toBe(false);
    pieces[0]?.resolve(undefined);
    await Promise.all([written, finished]);
  });

  test('fails for all who wait and all who come later, once it cannot be passed on', async () => {
    const { pieces, passOn } = outlet();
    const sequence = new ContentSequence(passOn);
    const broken = new Error('EPIPE');
    await sequence.write(2, new Uint8Array(32 * MIB - 1));
    const waiting = [sequence.write(0, bytes(1)), sequence.write(2 + 32 * MIB, bytes(1))];
    await setImmediate();
    pieces[0]?.reject(broken);
    for (const write of waiting) await expect(write).rejects.toBe(broken);
    await expect(sequence.write(1, bytes(2))).rejects.toBe(broken);
    await expect(sequence.finish(2)).rejects.toBe(broken);
    expect(pieces).toHaveLength(1);
  });
});
