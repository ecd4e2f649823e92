import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { untilAborted } from '../../../src/base/deadline.js';
import { type Deferred, deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import type { SecureStream } from '../../../src/session/conversation/secure-stream.js';
import {
  type Part,
  SessionStreams,
  type SessionStreamsOptions,
} from '../../../src/session/conversation/session-streams.js';
import { type Due, StallWatch } from '../../../src/session/conversation/stall-watch.js';
import { TamperingLimit } from '../../../src/session/conversation/tampering-limit.js';
import { ends } from '../support/ends.js';

beforeEach(() => {
  // The sockets between the ends go on.
  vi.useFakeTimers({
    toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'],
  });
});
afterEach(() => void vi.useRealTimers());

const broke = new OnionferryError('ERR_PEER_GONE', 'broke');
const never = (): Promise<never> => new Promise(() => undefined);

interface World {
  readonly streams: SessionStreams<Part>;
  /** Streams that are asked for and not there yet. */
  readonly opening: Map<number, Deferred<SecureStream>>;
  /** Numbers in the order in which they were asked for. */
  readonly opened: number[];
  readonly leads: boolean[];
  readonly left: (OnionferryError | undefined)[];
  readonly counts: number[];
  readonly debug: string[];
  readonly state: { hasBegun: boolean; due: Due };
  readonly ending: AbortController;
  /** @returns the other end of what has come */
  readonly comes: (number: number) => Promise<SecureStream>;
}

function world(own: Partial<Part> = {}, options: { stallMaxMs?: number } = {}): World {
  const opening = new Map<number, Deferred<SecureStream>>();
  const opened: number[] = [];
  const leads: boolean[] = [];
  const left: World['left'] = [];
  const counts: number[] = [];
  const debug: string[] = [];
  const state: World['state'] = { hasBegun: false, due: 'nothing' };
  const ending = new AbortController();
  const open: SessionStreamsOptions<Part>['open'] = (number, { signal }) => {
    const coming = deferred<SecureStream>();
    opening.set(number, coming);
    opened.push(number);
    return untilAborted(coming.promise, signal);
  };
  const streams = new SessionStreams<Part>({
    tampering: new TamperingLimit(),
    stall: new StallWatch({
      what: () => 'nothing has come',
      maxMs: options.stallMaxMs,
      onStalled: undefined,
    }),
    logger: { debug: (message) => void debug.push(message), warn: () => undefined },
    signal: ending.signal,
    onStreams: (count) => void counts.push(count),
    open,
    join: (_, isLead) => {
      leads.push(isLead);
      return {
        hear: () => undefined,
        speak: never,
        leave: (failure) => void left.push(failure),
        ...own,
      };
    },
    hasBegun: () => state.hasBegun,
    due: () => state.due,
  });
  const comes = async (number: number): Promise<SecureStream> => {
    const { sender, recipient } = await ends();
    opening.get(number)?.resolve(recipient);
    await vi.advanceTimersByTimeAsync(0);
    return sender;
  };
  return { streams, opening, opened, leads, left, counts, debug, state, ending, comes };
}

describe('a stream that is served', () => {
  test('is counted from when it is opened, and lives from when it is there', async () => {
    const { streams, comes, counts, leads, left, debug, state } = world();
    let lives = 0;
    const serving = [streams.serve(5, false, () => lives++), streams.serve(6, false)];
    expect([streams.count, streams.live.size, lives]).toEqual([2, 0, 0]);
    state.hasBegun = true;
    const [one, other] = [await comes(5), await comes(6)];
    expect([streams.count, [...streams.live.keys()], lives]).toEqual([2, [5, 6], 1]);
    expect([counts, leads]).toEqual([
      [1, 2],
      [false, false],
    ]);
    one.destroy();
    expect(await serving[0]).toMatchObject({ code: 'ERR_PEER_GONE' });
    await expect.poll(() => streams.count).toBe(1);
    expect([[...streams.live.keys()], counts]).toEqual([[6], [1, 2, 1]]);
    expect(left).toMatchObject([{ code: 'ERR_PEER_GONE' }]);
    expect(debug).toHaveLength(1);
    expect(debug[0]).toContain('stream 5: ');
    // The other one lives.
    expect(streams.signal.aborted).toBe(false);
    other.destroy();
    await serving[1];
    await streams.ended();
    expect(streams.count).toBe(0);
    // With the last one the session ends, as that has.
    expect(streams.signal.reason).toMatchObject({ code: 'ERR_PEER_GONE' });
  });

  test('that does not come is no stream that has died', async () => {
    const { streams, opening, counts, left, state } = world();
    state.hasBegun = true;
    const serving = streams.serve(5, false);
    opening.get(5)?.reject(broke);
    expect(await serving).toBe(broke);
    await streams.ended();
    expect([counts, left, streams.signal.aborted]).toEqual([[], [], false]);
  });

  test('ends the session if what ended it is no matter of that stream', async () => {
    const refused = new OnionferryError('ERR_REFUSED', 'no');
    const { streams, comes } = world({ speak: () => Promise.reject(refused) });
    const serving = streams.serve(5, false);
    const far = await comes(5);
    expect(streams.signal.aborted).toBe(false);
    // It has been told why.
    far.destroy();
    expect(await serving).toBe(refused);
    expect(streams.signal.reason).toBe(refused);
  });

  test('ends with the session, which hears of no other reason than the first', async () => {
    const { streams, comes, left } = world();
    const serving = [streams.serve(5, false), streams.serve(6, false)];
    const far = await comes(5);
    streams.end(new Error('oops'));
    streams.end(broke);
    expect(await serving[1]).toMatchObject({ code: 'ERR_INTERNAL' });
    far.destroy();
    expect(await serving[0]).toMatchObject({ code: 'ERR_INTERNAL' });
    await streams.ended();
    expect(left).toHaveLength(1);
  });

  test('that has said all that it had to say was no failure', async () => {
    const { streams, comes, left, debug, state } = world({ speak: () => Promise.resolve() });
    const serving = streams.serve(5, false);
    await comes(5);
    expect(await serving).toBeUndefined();
    await streams.ended();
    expect([left, debug]).toEqual([[undefined], []]);
    expect(streams.signal.aborted).toBe(false);
    state.hasBegun = true;
    const last = streams.serve(6, false);
    await comes(6);
    await last;
    await streams.ended();
    expect(streams.signal.reason).toMatchObject({ code: 'ERR_PEER_GONE' });
  });

  test('is given up while it is being opened: that which is named, or has taken longest', async () => {
    const { streams, comes } = world();
    const serving = [1, 2, 3].map((number) => streams.serve(number, false));
    await comes(1);
    streams.giveUp(3);
    expect(await serving[2]).toMatchObject({ code: 'ERR_PEER_GONE' });
    streams.giveUp();
    expect(await serving[1]).toMatchObject({ code: 'ERR_PEER_GONE' });
    // None is left, and what lives is not given up so.
    streams.giveUp();
    streams.giveUp(1);
    expect([...streams.live.keys()]).toEqual([1]);
    expect(streams.signal.aborted).toBe(false);
    streams.end(broke);
    await streams.ended();
  });
});

describe('a session', () => {
  test('begins with one stream after the other until one lasts', async () => {
    const { streams, opening, opened, leads, comes, state } = world();
    const result = deferred<string>();
    const running = streams.run(result.promise);
    const fails = async (number: number): Promise<void> => {
      opening.get(number)?.reject(broke);
      await vi.advanceTimersByTimeAsync(0);
    };
    await fails(0);
    let number = 2049;
    for (const pause of [250, 500, 750, 1_000, 1_250, 1_500, 1_750, 2_000, 2_000]) {
      expect(opened.at(-1)).toBe(number);
      await fails(number++);
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(opened.at(-1)).toBe(number - 1);
      await vi.advanceTimersByTimeAsync(1);
    }
    const last = opened.at(-1) ?? Number.NaN;
    state.hasBegun = true;
    const far = await comes(last);
    expect(leads).toEqual([true]);
    result.resolve('done');
    expect(await running).toBe('done');
    far.destroy();
    await streams.ended();
    // Nothing is opened any more.
    await vi.advanceTimersByTimeAsync(60_000);
    expect(opened.at(-1)).toBe(last);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is given up when none has lasted for a minute', async () => {
    const { streams, opening, opened } = world();
    let failure: unknown;
    streams.run(never()).catch((error: unknown) => (failure = error));
    const failAll = setInterval(() => {
      for (const coming of opening.values()) coming.reject(broke);
    }, 10);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(failure).toBeUndefined();
    await vi.advanceTimersByTimeAsync(4_000);
    expect(failure).toBe(broke);
    clearInterval(failAll);
    const count = opened.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(opened).toHaveLength(count);
  });

  test('has another minute after a stream that lived for longer than that', async () => {
    const { streams, opening, comes } = world();
    let failure: unknown;
    streams.run(never()).catch((error: unknown) => (failure = error));
    await vi.advanceTimersByTimeAsync(0);
    const far = await comes(0);
    // A person thinks about the offer, and the other side says that it is there.
    const alive = setInterval(() => {
      far.send({ frame: 'control', control: { type: 'keepalive' } }).catch(() => undefined);
    }, 1_000);
    for (let seconds = 0; seconds < 61; seconds++) {
      await vi.advanceTimersByTimeAsync(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    clearInterval(alive);
    far.destroy();
    await expect.poll(() => opening.size).toBeGreaterThan(1);
    const failAll = setInterval(() => {
      for (const coming of opening.values()) coming.reject(broke);
    }, 10);
    await vi.advanceTimersByTimeAsync(55_000);
    expect(failure).toBeUndefined();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(failure).toBe(broke);
    clearInterval(failAll);
  });

  test('ends when the other side owes and brings nothing', async () => {
    const { streams, state, opening } = world({}, { stallMaxMs: 5_000 });
    state.due = 'content';
    const running = streams.run(never());
    running.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(5_000);
    await expect(running).rejects.toMatchObject({ code: 'ERR_PEER_GONE', course: 'resumable' });
    expect(streams.signal.reason).toMatchObject({ course: 'resumable' });
    expect(opening.size).toBe(1);
    await streams.ended();
    expect(vi.getTimerCount()).toBe(0);
  });

  test('ends with the caller’s reason, and with what its result fails with', async () => {
    for (const how of ['signal', 'result']) {
      const { streams, ending } = world();
      const result = deferred<never>();
      const running = streams.run(result.promise);
      running.catch(() => undefined);
      await vi.advanceTimersByTimeAsync(0);
      const reason = new OnionferryError('ERR_INTERRUPTED', 'enough');
      if (how === 'signal') ending.abort(reason);
      else result.reject(reason);
      await expect(running).rejects.toBe(reason);
      expect(streams.signal.reason).toBe(reason);
      await streams.ended();
      expect(vi.getTimerCount()).toBe(0);
    }
  });
});
