/* eslint-disable max-lines -- one party, said to and heard word by word over one fixture */
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { utf8 } from '../../../src/base/bytes.js';
import { untilAborted } from '../../../src/base/deadline.js';
import { type Deferred, deferred } from '../../../src/base/deferred.js';
import { OnionferryError, ResumableError } from '../../../src/base/errors.js';
import type { Destination, ReceivedFiles } from '../../../src/session/receiving/destination.js';
import {
  type ReceiveTransferOptions,
  receiveTransfer,
} from '../../../src/session/receiving/receive-transfer.js';
import type { Met, Reconnect } from '../../../src/session/reconnecting/reconnect.js';
import type { Manifest } from '../../../src/stream/manifest.js';
import type { Message } from '../../../src/stream/message.js';
import { Ranges } from '../../../src/stream/ranges.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { type FarEnd, kinds, type OtherSide, otherSide } from '../support/other-side.js';

const LENGTH = 1_000;

interface World {
  readonly first: OtherSide;
  readonly notes: string[];
  readonly waits: Deferred<Met>[];
  /** Gives the files their names. */
  readonly finishing: Deferred<undefined>;
  readonly result: Promise<unknown>;
  readonly returns: (generation: number) => OtherSide;
}

interface Given extends Partial<ReceiveTransferOptions> {
  /** Whether the end waits for the test. */
  readonly finishes?: boolean;
}

function destinationOf(notes: string[], end: Promise<unknown>): Destination {
  const written = new Ranges();
  return {
    written,
    verify: () => undefined,
    write: async (position, content) => {
      await Promise.resolve();
      written.add(position, position + content.length);
    },
    finish: async (): Promise<ReceivedFiles> => {
      notes.push('finishing');
      await end;
      return { files: [{ path: 'x', bytes: LENGTH, sha256: '' }], warnings: [] };
    },
    suspend: () => Promise.resolve(void notes.push('kept')),
    discard: () => Promise.resolve(void notes.push('removed')),
  };
}

function begun({ finishes = true, ...options }: Given = {}): World {
  const notes: string[] = [];
  const released = (): void => void notes.push('released');
  const own = otherSide('sender');
  const first = { ...own, meeting: { ...own.meeting, releaseAhead: released } };
  const waits: Deferred<Met>[] = [];
  const finishing = deferred<undefined>();
  if (finishes) finishing.resolve(undefined);
  const reconnect: Reconnect = {
    meet: async ({ signal } = {}) => {
      const coming = deferred<Met>();
      coming.promise.catch(() => undefined);
      waits.push(coming);
      return await untilAborted(coming.promise, signal);
    },
    close: () => Promise.resolve(void notes.push('closed')),
  };
  const result = receiveTransfer({
    ...{ reconnect, primitives: nodePrimitives },
    met: { meeting: first.meeting, generation: 0 },
    accept: () => {
      notes.push('asked');
      return Promise.resolve(destinationOf(notes, finishing.promise));
    },
    onAway: (why) => void notes.push(`away: ${why?.code}`),
    onMet: (generation) => void notes.push(`met ${generation}`),
    ...options,
  }).catch((error: unknown) => error);
  const returns = (generation: number): OtherSide => {
    const again = otherSide('sender');
    waits.at(-1)?.resolve({ meeting: again.meeting, generation });
    return again;
  };
  return { first, notes, waits, finishing, result, returns };
}

const manifestOf = (size: number | null): Manifest => ({
  kind: 'files',
  entries: [{ type: 'file', path: ['x'], size, mode: 0o644, mtime: 0 }],
});

async function offered(far: FarEnd, size: number | null = LENGTH): Promise<void> {
  const part = await nodePrimitives.deflate([utf8(JSON.stringify(manifestOf(size)))]);
  await far.stream.send({ frame: 'manifest', part, last: true });
}

const says = (far: FarEnd, kind: string): Promise<void> =>
  expect.poll(() => kinds(far.heard)).toContain(kind);

async function accepted(far: FarEnd): Promise<void> {
  await offered(far);
  await says(far, 'accept');
}

const data = (position: number, length: number): Message => ({
  frame: 'data',
  position,
  content: new Uint8Array(length).fill(7),
});

/** All but what connections are released for. */
const noted = ({ notes }: World): string[] => notes.filter((what) => what !== 'released');

describe('a recipient', () => {
  test('has everything when the sender knows that, and tells what is written', async () => {
    const written: [number, number | undefined][] = [];
    const made = begun({ onWritten: (bytes, { at }) => void written.push([bytes, at]) });
    const far = await made.first.comes(0);
    await accepted(far);
    await far.stream.send(data(0, 400));
    await far.stream.send(data(400, 600));
    await says(far, 'receipt');
    await far.say({ type: 'receipt-ack' });
    expect(await made.result).toMatchObject({ bytes: LENGTH, files: [{ path: 'x' }] });
    expect(written).toEqual([
      [400, 399],
      [1_000, 999],
    ]);
    expect(noted(made)).toEqual(['asked', 'finishing', 'closed']);
  });

  test.each([
    [1024 * 1024, true],
    [1024 * 1024 + 1, false],
    [null, false],
  ])('needs no other circuits for what is small: %j bytes', async (size, isSmall) => {
    const made = begun();
    const far = await made.first.comes(0);
    await offered(far, size);
    await says(far, 'accept');
    expect(made.notes).toEqual(isSmall ? ['released', 'asked'] : ['asked']);
    far.stream.destroy();
    // Nor for what is over.
    await expect.poll(() => made.notes.at(-1)).toBe('away: ERR_PEER_GONE');
    expect(made.notes.at(-2)).toBe('released');
  });

  test('needs nobody who listens, and tells how many streams there are', async () => {
    const streams: number[] = [];
    const made = begun({
      ...{ onAway: undefined as never, onMet: undefined as never },
      onStreams: (count) => void streams.push(count),
    });
    const far = await made.first.comes(0);
    await accepted(far);
    far.stream.destroy();
    await expect.poll(() => made.waits).toHaveLength(1);
    const second = await made.returns(1).comes(0);
    await second.stream.send(data(0, LENGTH));
    await says(second, 'receipt');
    await second.say({ type: 'receipt-ack' });
    expect(await made.result).toMatchObject({ bytes: LENGTH });
    expect(streams).toEqual([1, 0, 1, 0]);
  });

  test('meets the sender again when every stream is lost, and asks nobody once more', async () => {
    const made = begun();
    const far = await made.first.comes(0);
    await accepted(far);
    await far.stream.send(data(0, 400));
    await says(far, 'ack');
    far.stream.destroy();
    await expect.poll(() => noted(made)).toEqual(['asked', 'away: ERR_PEER_GONE']);
    const second = await made.returns(1).comes(0);
    await expect.poll(() => kinds(second.heard).slice(0, 2)).toEqual(['have', 'accept']);
    await second.stream.send(data(400, 600));
    await says(second, 'receipt');
    await second.say({ type: 'receipt-ack' });
    expect(await made.result).toMatchObject({ bytes: LENGTH });
    expect(noted(made)).toEqual(['asked', 'away: ERR_PEER_GONE', 'met 1', 'finishing', 'closed']);
  });

  test('has one answer for all meetings while a person is asked', async () => {
    const answer = deferred<undefined>();
    const made: World = begun({
      accept: async () => {
        made.notes.push('asked');
        await answer.promise;
        return destinationOf(made.notes, Promise.resolve());
      },
    });
    const far = await made.first.comes(0);
    await offered(far);
    await expect.poll(() => noted(made)).toEqual(['asked']);
    await far.say({ type: 'away', reason: 'suspended' });
    await expect.poll(() => made.waits).toHaveLength(1);
    const second = await made.returns(1).comes(0);
    await says(second, 'manifest-request');
    await offered(second);
    await new Promise(setImmediate);
    answer.resolve(undefined);
    await says(second, 'accept');
    expect(noted(made).filter((what) => what === 'asked')).toHaveLength(1);
    await second.say({ type: 'abort', reason: 'cancelled' });
    expect(await made.result).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(noted(made).slice(-2)).toEqual(['removed', 'closed']);
  });

  test('who declines while the sender is away looks for it no longer', async () => {
    const answer = deferred<never>();
    const asked = deferred<undefined>();
    const made = begun({
      accept: () => {
        asked.resolve(undefined);
        return answer.promise;
      },
    });
    const far = await made.first.comes(0);
    await offered(far);
    await asked.promise;
    await far.say({ type: 'away', reason: 'suspended' });
    await expect.poll(() => made.waits).toHaveLength(1);
    const declined = new OnionferryError('ERR_REFUSED', 'no');
    answer.reject(declined);
    expect(await made.result).toBe(declined);
  });

  test('does not look again for a sender that it has not heard', async () => {
    const made = begun();
    const far = await made.first.comes(0);
    await far.say({ type: 'away', reason: 'suspended' });
    expect(await made.result).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(noted(made)).toEqual(['closed']);
  });

  test('looks again in a later meeting also for one that it has not heard', async () => {
    const made = begun({ met: undefined });
    await expect.poll(() => noted(made)).toEqual(['away: undefined']);
    const far = await made.returns(3).comes(0);
    await says(far, 'manifest-request');
    await far.say({ type: 'away', reason: 'suspended' });
    await expect.poll(() => made.waits).toHaveLength(2);
    expect(noted(made)).toEqual(['away: undefined', 'met 3', 'away: ERR_PEER_GONE']);
    made.waits[1]?.reject(new OnionferryError('ERR_REFUSED', 'the test is over'));
    await made.result;
  });
});

describe('what was written', () => {
  async function lost(options: Given): Promise<{ made: World; far: FarEnd }> {
    const made = begun(options);
    const far = await made.first.comes(0);
    await accepted(far);
    await far.stream.send(data(0, 400));
    await says(far, 'ack');
    return { made, far };
  }

  test('is kept when the sender does not come back, or this side is to go on later', async () => {
    const away = await lost({ awayMaxMs: 20 });
    away.far.stream.destroy();
    expect(await away.made.result).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(noted(away.made).slice(-2)).toEqual(['kept', 'closed']);
    const ending = new AbortController();
    const suspended = await lost({ signal: ending.signal });
    const reason = new ResumableError('ERR_SUSPENDED', 'later');
    ending.abort(reason);
    expect(await suspended.made.result).toBe(reason);
    expect(noted(suspended.made)).toEqual(['asked', 'kept', 'closed']);
  });

  test('is removed when somebody ends it, on either side', async () => {
    const theirs = await lost({});
    await theirs.far.say({ type: 'abort', reason: 'cancelled' });
    await theirs.made.result;
    expect(noted(theirs.made)).toEqual(['asked', 'removed', 'closed']);
    const ending = new AbortController();
    const ours = await lost({ signal: ending.signal });
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    expect(await ours.made.result).toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(noted(ours.made)).toEqual(['asked', 'removed', 'closed']);
  });

  test('is removed also where the folder is just being made', async () => {
    const answer = deferred<Destination>();
    const ending = new AbortController();
    const asked = deferred<undefined>();
    const made = begun({
      signal: ending.signal,
      accept: () => {
        asked.resolve(undefined);
        return answer.promise;
      },
    });
    const far = await made.first.comes(0);
    await offered(far);
    await asked.promise;
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    await says(far, 'abort');
    answer.resolve(destinationOf(made.notes, Promise.resolve()));
    expect(await made.result).toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(noted(made)).toEqual(['removed', 'closed']);
  });

  test('tells who is asked that the answer is of no more use', async () => {
    const ending = new AbortController();
    const signals: AbortSignal[] = [];
    const made = begun({
      signal: ending.signal,
      accept: async (_, __, signal) => {
        signals.push(signal);
        return await untilAborted(new Promise<never>(() => undefined), signal);
      },
    });
    const far = await made.first.comes(0);
    await offered(far);
    await expect.poll(() => signals).toHaveLength(1);
    await far.say({ type: 'abort', reason: 'cancelled' });
    expect(await made.result).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(signals[0]?.aborted).toBe(true);
  });
});

describe('a recipient that has everything', () => {
  async function whole(options: Given): Promise<{ made: World; far: FarEnd }> {
    const made = begun(options);
    const far = await made.first.comes(0);
    await accepted(far);
    await far.stream.send(data(0, LENGTH));
    await expect.poll(() => noted(made)).toContain('finishing');
    return { made, far };
  }

  test('has it also if the sender goes without a word, or ends it', async () => {
    for (const reason of ['cancelled', 'internal'] as const) {
      const { made, far } = await whole({});
      await says(far, 'receipt');
      await far.say({ type: 'abort', reason });
      expect(await made.result).toMatchObject({ bytes: LENGTH });
      expect(noted(made)).toEqual(['asked', 'finishing', 'closed']);
    }
  });

  test('lets files get their names when it is suspended, and can say later that it has them', async () => {
    const ending = new AbortController();
    const { made, far } = await whole({ signal: ending.signal, finishes: false });
    const reason = new ResumableError('ERR_SUSPENDED', 'later');
    ending.abort(reason);
    await expect.poll(() => far.hasEnded).toBe(true);
    expect(noted(made)).toEqual(['asked', 'finishing']);
    made.finishing.resolve(undefined);
    expect(await made.result).toBe(reason);
    expect(noted(made)).toEqual(['asked', 'finishing', 'kept', 'closed']);
  });

  test('looks for a minute for a sender to tell it so', async () => {
    const { made, far } = await whole({});
    await says(far, 'receipt');
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    far.stream.destroy();
    await expect.poll(() => made.waits).toHaveLength(1);
    let isOver = false;
    void made.result.then(() => (isOver = true));
    await vi.advanceTimersByTimeAsync(59_000);
    expect(isOver).toBe(false);
    await vi.advanceTimersByTimeAsync(1_500);
    expect(await made.result).toMatchObject({ bytes: LENGTH });
  });

  test('is not waited for when it is to end at once', async () => {
    const ending = new AbortController();
    const { made } = await whole({ signal: ending.signal, finishes: false });
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    expect(await made.result).toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(noted(made)).toEqual(['asked', 'finishing', 'removed', 'closed']);
  });
});

test('what an earlier process has taken goes on without a question', async () => {
  const notes: string[] = [];
  const destination = destinationOf(notes, Promise.resolve());
  destination.written.add(0, 600);
  const made = begun({
    met: undefined,
    resumed: { manifest: manifestOf(LENGTH), digest: 'D'.repeat(43), destination },
  });
  const far = await made.returns(5).comes(0);
  await expect.poll(() => kinds(far.heard).slice(0, 2)).toEqual(['have', 'accept']);
  await far.stream.send(data(600, 400));
  await says(far, 'receipt');
  await far.say({ type: 'receipt-ack' });
  expect(await made.result).toMatchObject({ bytes: LENGTH });
  expect(made.notes).toEqual(['away: undefined', 'met 5', 'closed']);
});
