import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Deferred, deferred } from '../../../src/base/deferred.js';
import type { DialledStream, RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { DialledAhead } from '../../../src/session/circuits/dialled-ahead.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface Dial {
  readonly isolation: string | undefined;
  readonly signal: AbortSignal | undefined;
  /** Settled by the test, as the network would. */
  readonly coming: Deferred<DialledStream>;
}

interface World {
  readonly ahead: DialledAhead;
  readonly dials: Dial[];
  /** The dial has come to a connection. @returns it, and whether it was closed */
  readonly comes: (dial: number) => Promise<{ stream: DialledStream; readonly isClosed: boolean }>;
}

function world(maxMs = 1000): World {
  const dials: Dial[] = [];
  const unused = (): never => {
    throw new Error('nothing but dials is asked of the relay');
  };
  const relay: RelayClient = {
    ...{ join: unused, channel: unused, openStream: unused, close: unused },
    [Symbol.asyncDispose]: unused,
    dialStream: ({ isolation, signal } = {}) => {
      const coming = deferred<DialledStream>();
      dials.push({ isolation, signal, coming });
      return coming.promise;
    },
  };
  const ahead = new DialledAhead({ relay, circuits: (stream) => `circuit ${stream}`, maxMs });
  return {
    ahead,
    dials,
    async comes(dial) {
      let isClosed = false;
      const stream = { hello: unused, destroy: () => void (isClosed = true) };
      dials[dial]?.coming.resolve(stream);
      await vi.advanceTimersByTimeAsync(0);
      return {
        stream,
        get isClosed(): boolean {
          return isClosed;
        },
      };
    },
  };
}

test('a connection is given to one that asks for it, and to nobody else', async () => {
  const { ahead, dials, comes } = world();
  ahead.dial(1);
  ahead.dial(1);
  await vi.advanceTimersByTimeAsync(0);
  expect(dials.map(({ isolation }) => isolation)).toEqual(['circuit 1']);
  const taken = ahead.take(1);
  expect(ahead.take(1)).toBeUndefined();
  const one = await comes(0);
  expect(await taken).toBe(one.stream);
  // It is the other's now.
  await vi.advanceTimersByTimeAsync(10_000);
  ahead.release();
  expect(one.isClosed).toBe(false);
});

test('one that has waited too long is closed, and is not given any more', async () => {
  const { ahead, comes } = world(1000);
  ahead.dial(1);
  const one = await comes(0);
  await vi.advanceTimersByTimeAsync(999);
  expect(one.isClosed).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(one.isClosed).toBe(true);
  expect(ahead.take(1)).toBeUndefined();
});

test('what was not taken is closed at the end, whether it is there or still comes', async () => {
  const { ahead, dials, comes } = world();
  ahead.dial(1);
  ahead.dial(2);
  const there = await comes(0);
  ahead.release();
  expect(dials[1]?.signal?.reason).toMatchObject({ code: 'ERR_INTERRUPTED' });
  const late = await comes(1);
  expect([there.isClosed, late.isClosed]).toEqual([true, true]);
});

test('nothing is dialled any more after the end', async () => {
  const { ahead, dials } = world();
  ahead.dialIfSlow(1, 4, 500);
  ahead.release();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(dials).toEqual([]);
});

test('one whose taker has gone before it is there is closed when it comes', async () => {
  const { ahead, dials, comes } = world();
  ahead.dial(1);
  const gone = new AbortController();
  const taken = ahead.take(1, gone.signal);
  gone.abort(new Error('gone'));
  await expect(taken).rejects.toThrow('gone');
  expect(dials[0]?.signal?.aborted).toBe(true);
  expect((await comes(0)).isClosed).toBe(true);
});

test('a dial that failed is forgotten: its stream is dialled when it is opened', async () => {
  const { ahead, dials } = world();
  ahead.dial(1);
  dials[0]?.coming.reject(new Error('no way'));
  await vi.advanceTimersByTimeAsync(0);
  expect(ahead.take(1)).toBeUndefined();
  expect(ahead.dialMs).toBeUndefined();
});

test('what failed for one that took it takes nothing from another', async () => {
  const { ahead, dials } = world();
  ahead.dial(1);
  ahead.take(1)?.catch(() => undefined);
  ahead.dial(1);
  dials[0]?.coming.reject(new Error('no way'));
  await vi.advanceTimersByTimeAsync(0);
  expect(ahead.take(1)).toBeDefined();
});

test('the quickest of those that were dialled in any case tells how long the way is', async () => {
  const { ahead, dials, comes } = world(60_000);
  await vi.advanceTimersByTimeAsync(5_000);
  ahead.dialIfSlow(3, 4, 200);
  ahead.dial(0);
  ahead.dial(1, 500);
  await vi.advanceTimersByTimeAsync(499);
  expect(dials.map(({ isolation }) => isolation)).toEqual(['circuit 0', 'circuit 3']);
  await comes(1);
  expect(ahead.dialMs).toBeUndefined();
  await vi.advanceTimersByTimeAsync(1);
  expect(dials[2]?.isolation).toBe('circuit 1');
  await vi.advanceTimersByTimeAsync(100);
  await comes(2);
  expect(ahead.dialMs).toBe(100);
  await comes(0);
  expect(ahead.dialMs).toBe(100);
});

test('more are dialled only if none has come by then', async () => {
  const slow = world();
  slow.ahead.dial(0);
  slow.ahead.dialIfSlow(1, 4, 500);
  await vi.advanceTimersByTimeAsync(499);
  expect(slow.dials).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(slow.dials).toHaveLength(4);
  slow.ahead.release();
  const quick = world();
  quick.ahead.dial(0);
  quick.ahead.dialIfSlow(1, 4, 500);
  await vi.advanceTimersByTimeAsync(100);
  await quick.comes(0);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(quick.dials).toHaveLength(1);
});
