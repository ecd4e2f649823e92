import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { Reassembler } from '../../../src/session/receiving/reassembler.js';
import { Shelf } from '../support/shelf.js';

const nothing = (): void => undefined;

describe('what is not wanted', () => {
  test('is not counted, and the rest of it is the whole', async () => {
    const shelf = new Shelf(10, [[0, 4]], 4);
    const told: number[] = [];
    const onWritten = (bytes: number): void => void told.push(bytes);
    const reassembler = new Reassembler({ destination: shelf, total: 10, onWritten });
    expect([reassembler.wanted, reassembler.missing]).toEqual([6, 6]);
    await reassembler.take(4, new Uint8Array(5), nothing);
    await setImmediate();
    await reassembler.take(9, new Uint8Array(1), nothing);
    expect((await reassembler.whole).bytes).toBe(6);
    expect(told).toEqual([5, 6]);
  });

  test('is nothing where all is wanted, or nobody knows how much there is', () => {
    const all = new Reassembler({ destination: new Shelf(10), total: 10, onWritten: nothing });
    expect(all.wanted).toBeUndefined();
    const destination = new Shelf(10, [], 4);
    const openEnded = new Reassembler({ destination, total: null, onWritten: nothing });
    expect(openEnded.wanted).toBeUndefined();
  });
});

describe('a destination that fails', () => {
  const failed = (cause: Error): unknown =>
    expect.objectContaining({
      code: 'ERR_DESTINATION',
      message: expect.stringContaining('could not be written') as string,
      cause,
    });

  test.each([0, 10])('ends what comes in words for people, after %i bytes', async (total) => {
    const shelf = new Shelf(total);
    const cause = new Error('EIO');
    shelf.failure = cause;
    const reassembler = new Reassembler({ destination: shelf, total, onWritten: nothing });
    if (total > 0) await reassembler.take(0, new Uint8Array(total), nothing);
    await expect(reassembler.whole).rejects.toEqual(failed(cause));
  });
});
