import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { Reassembler } from '../../../src/session/receiving/reassembler.js';
import { type Range, Ranges } from '../../../src/stream/ranges.js';
import { Shelf } from '../support/shelf.js';

/** A longer wait would never end. */
const PATIENCE_MS = 60_000;

const MIB = 1024 * 1024;
const nothing = (): void => undefined;

const protocol = expect.objectContaining({ code: 'ERR_PROTOCOL' }) as unknown;

describe('what comes over many streams', () => {
  test('is handed on once, whatever comes twice or overlaps', async () => {
    const piece = fc.tuple(fc.nat(299), fc.integer({ min: 1, max: 300 }));
    const earlier = fc.array(fc.tuple(fc.nat(299), fc.integer({ min: 1, max: 50 })), {
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 30 }), earlier, async (pieces, before) => {
        const within = ([start, length]: readonly [number, number]): Range => [
          start,
          Math.min(300, start + length),
        ];
        const shelf = new Shelf(300, before.map(within));
        const had = new Ranges(shelf.written);
        const reassembler = new Reassembler({ destination: shelf, total: 300, onWritten: nothing });
        const takes = [...pieces.map(within), [0, 300] as const].map(([start, end]) =>
          reassembler.take(start, new Uint8Array(end - start), nothing),
        );
        await Promise.all(takes);
        const whole = await reassembler.whole;
        expect(whole.bytes).toBe(300);
        expect(shelf.finished).toEqual([300]);
        for (const [i, times] of shelf.times.entries()) {
          expect(times).toBe(had.has(i, i + 1) ? 0 : 1);
        }
      }),
    );
  });

  test('is confirmed each time, also where nothing of it was new', async () => {
    const shelf = new Shelf(10);
    const told: (readonly [number, number])[] = [];
    const options = {
      destination: shelf,
      total: 10,
      onWritten: (bytes: number, at: number) => told.push([bytes, at]),
    };
    const reassembler = new Reassembler(options);
    const confirmed = [vi.fn(), vi.fn()];
    for (const written of confirmed) await reassembler.take(0, new Uint8Array(4), written);
    await setImmediate();
    for (const written of confirmed) expect(written).toHaveBeenCalledOnce();
    expect(told).toEqual([[4, 3]]);
    expect(reassembler.missing).toBe(6);
  });

  test('is confirmed only once it is written', async () => {
    const shelf = new Shelf(10);
    const gate = deferred<undefined>();
    shelf.gate = gate.promise;
    const reassembler = new Reassembler({ destination: shelf, total: 10, onWritten: nothing });
    const written = vi.fn();
    await reassembler.take(0, new Uint8Array(10), written);
    await setImmediate();
    expect(written).not.toHaveBeenCalled();
    expect(reassembler.missing).toBe(10);
    expect(shelf.finished).toEqual([]);
    expect([reassembler.isWriting, reassembler.isFinishing]).toEqual([true, false]);
    gate.resolve(undefined);
    await reassembler.whole;
    expect(written).toHaveBeenCalledOnce();
    expect([reassembler.isWriting, reassembler.isFinishing]).toEqual([false, true]);
  });

  test('is confirmed no sooner over the stream over which it comes again', async () => {
    const shelf = new Shelf(100);
    const gate = deferred<undefined>();
    shelf.gate = gate.promise;
    const reassembler = new Reassembler({ destination: shelf, total: 100, onWritten: nothing });
    const confirmed: string[] = [];
    await reassembler.take(0, new Uint8Array(60), () => confirmed.push('first'));
    await reassembler.take(20, new Uint8Array(20), () => confirmed.push('again'));
    await setImmediate();
    expect(confirmed).toEqual([]);
    gate.resolve(undefined);
    await vi.waitFor(() => expect(confirmed).toEqual(['first', 'again']), PATIENCE_MS);
  });

  test('is confirmed although what lies before it and behind it is not written yet', async () => {
    const shelf = new Shelf(30);
    const gate = deferred<undefined>();
    shelf.gate = gate.promise;
    const reassembler = new Reassembler({ destination: shelf, total: 30, onWritten: nothing });
    const confirmed: string[] = [];
    await reassembler.take(0, new Uint8Array(10), () => confirmed.push('before'));
    await reassembler.take(20, new Uint8Array(10), () => confirmed.push('behind'));
    shelf.gate = Promise.resolve();
    await reassembler.take(10, new Uint8Array(10), () => confirmed.push('between'));
    await setImmediate();
    expect(confirmed).toEqual(['between']);
    gate.resolve(undefined);
    await reassembler.whole;
    expect(confirmed).toHaveLength(3);
  });

  test('is refused where it goes beyond what was offered', async () => {
    const shelf = new Shelf(10);
    const reassembler = new Reassembler({ destination: shelf, total: 10, onWritten: nothing });
    await expect(reassembler.take(8, new Uint8Array(3), nothing)).rejects.toEqual(protocol);
    expect(shelf.times.every((times) => times === 0)).toBe(true);
  });

  test('waits for its turn while much is unwritten', async () => {
    const pieces = 32;
    const shelf = new Shelf(pieces * MIB);
    const gate = deferred<undefined>();
    shelf.gate = gate.promise;
    const reassembler = new Reassembler({
      destination: shelf,
      total: pieces * MIB,
      onWritten: nothing,
    });
    let taken = 0;
    const taking = (async () => {
      for (; taken < pieces; taken++)
        await reassembler.take(taken * MIB, new Uint8Array(MIB), nothing);
    })();
    await setImmediate();
    expect(taken).toBeGreaterThan(0);
    expect(taken).toBeLessThan(pieces / 2);
    gate.resolve(undefined);
    await taking;
    expect((await reassembler.whole).bytes).toBe(pieces * MIB);
  });

  test('is waited for no longer once something cannot be written', async () => {
    const shelf = new Shelf(40 * MIB);
    const gate = deferred<undefined>();
    shelf.gate = gate.promise;
    shelf.failure = new OnionferryError('ERR_DESTINATION', 'the disk is full');
    const reassembler = new Reassembler({
      destination: shelf,
      total: 40 * MIB,
      onWritten: nothing,
    });
    const taking = reassembler.take(0, new Uint8Array(39 * MIB), nothing);
    gate.resolve(undefined);
    await expect(taking).rejects.toBe(shelf.failure);
    await expect(reassembler.whole).rejects.toBe(shelf.failure);
  });
});

describe('the end of what comes', () => {
  test('is there at once where nothing is missing', async () => {
    const empty = new Reassembler({ destination: new Shelf(0), total: 0, onWritten: nothing });
    expect(await empty.whole).toEqual({ bytes: 0, files: [], warnings: [] });
    const shelf = new Shelf(10, [[0, 10]]);
    const resumed = new Reassembler({ destination: shelf, total: 10, onWritten: nothing });
    expect((await resumed.whole).bytes).toBe(10);
  });

  test('may be told on each stream, but not differently', async () => {
    const reassembler = new Reassembler({
      destination: new Shelf(10),
      total: null,
      onWritten: nothing,
    });
    expect(reassembler.missing).toBe(null);
    await reassembler.take(0, new Uint8Array(6), nothing);
    reassembler.end(10);
    reassembler.end(10);
    expect(() => reassembler.end(11)).toThrow(protocol);
    await expect(reassembler.take(6, new Uint8Array(5), nothing)).rejects.toEqual(protocol);
    await reassembler.take(6, new Uint8Array(4), nothing);
    expect((await reassembler.whole).bytes).toBe(10);
    reassembler.end(10);
  });

  test('cannot lie before what has come, nor be told where it is known', async () => {
    const openEnded = new Reassembler({
      destination: new Shelf(10),
      total: null,
      onWritten: nothing,
    });
    await openEnded.take(0, new Uint8Array(2), nothing);
    await openEnded.take(5, new Uint8Array(5), nothing);
    for (const total of [1, 9]) expect(() => openEnded.end(total)).toThrow(protocol);
    const known = new Reassembler({ destination: new Shelf(10), total: 10, onWritten: nothing });
    expect(() => known.end(10)).toThrow(protocol);
  });

  test('comes when all is there, not before', async () => {
    const shelf = new Shelf(10);
    const reassembler = new Reassembler({ destination: shelf, total: null, onWritten: nothing });
    await reassembler.take(0, new Uint8Array(5), nothing);
    await reassembler.take(6, new Uint8Array(4), nothing);
    reassembler.end(10);
    await setImmediate();
    expect(shelf.finished).toEqual([]);
    await reassembler.take(5, new Uint8Array(1), nothing);
    await reassembler.whole;
    expect(shelf.finished).toEqual([10]);
  });
});

describe('what an earlier process has left', () => {
  test('need not come again, until it proves to be damaged', async () => {
    const shelf = new Shelf(10, [[0, 8]]);
    const reassembler = new Reassembler({ destination: shelf, total: 10, onWritten: nothing });
    const asked: Range[] = [];
    reassembler.onCorrupt = (start, end) => asked.push([start, end]);
    expect([...reassembler.had]).toEqual([[0, 8]]);
    shelf.damage(2, 4);
    expect(asked).toEqual([[2, 4]]);
    expect(reassembler.missing).toBe(4);
    await reassembler.take(8, new Uint8Array(2), nothing);
    await setImmediate();
    expect(shelf.finished).toEqual([]);
    await reassembler.take(0, new Uint8Array(8), nothing);
    await reassembler.whole;
    expect([...shelf.times]).toEqual([0, 0, 1, 1, 0, 0, 0, 0, 1, 1]);
  });

  test('may prove to be damaged while the last of it is looked at', async () => {
    const shelf = new Shelf(10, [[0, 10]]);
    const reassembler = new Reassembler({ destination: shelf, total: 10, onWritten: nothing });
    const asked: Range[] = [];
    reassembler.onCorrupt = (start, end) => asked.push([start, end]);
    shelf.damage(0, 10);
    expect(asked).toEqual([[0, 10]]);
    await reassembler.take(0, new Uint8Array(10), nothing);
    await setImmediate();
    expect([...shelf.times]).toEqual(Array(10).fill(1));
    // The destination itself waits for that: it is not asked twice to finish.
    expect(shelf.finished).toEqual([10]);
  });
});

describe('content in shreds', () => {
  test('ends the transfer before each of them has cost more than it brings', async () => {
    const shelf = new Shelf(200_000);
    const reassembler = new Reassembler({ destination: shelf, total: null, onWritten: nothing });
    const byte = new Uint8Array(1);
    const shred = async (): Promise<void> => {
      for (let at = 0; at < 200_000; at += 2) await reassembler.take(at, byte, nothing);
    };
    await expect(shred()).rejects.toEqual(protocol);
  });

  test('is no reason to end it where an earlier process has left them, or damage', async () => {
    const holes = Array.from({ length: 70_000 }, (_, i): Range => [2 * i, 2 * i + 1]);
    const left = new Shelf(140_000, holes);
    const damaged = new Shelf(140_000, [[0, 140_000]]);
    for (const shelf of [left, damaged]) {
      const reassembler = new Reassembler({ destination: shelf, total: null, onWritten: nothing });
      if (shelf === damaged) for (const hole of holes) shelf.damage(...hole);
      await expect(reassembler.take(0, new Uint8Array(2), nothing)).resolves.toBeUndefined();
    }
  });
});
