import { describe, expect, onTestFinished, test } from 'vitest';
import type { FerryEvent, OnlineEvent } from '../../src/api/events.js';
import { start, startOnline, type Work } from '../../src/api/handle.js';
import { untilAborted } from '../../src/base/deadline.js';
import { deferred } from '../../src/base/deferred.js';
import { OnionferryError } from '../../src/base/errors.js';

const DIED = new OnionferryError('ERR_TOR_DIED', 'tor has ended');
const ONLINE: OnlineEvent = {
  event: 'online',
  onion: 'a.onion',
  url: 'http://a.onion/',
  user: 'ferry',
  password: 'words',
  invitation: 'http://a.onion/#words',
};
const waiting = (reason: string): FerryEvent => ({ event: 'waiting', reason });
const progress = (bytes: number): FerryEvent => ({
  ...{ event: 'progress', bytes, total: 9, rate: 1, circuits: 1 },
});
const endless = ({ signal }: Work): Promise<never> => untilAborted(new Promise(() => {}), signal);
/** Long enough for Node to have noticed an unhandled rejection, which it does after microtasks. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** What the process is told instead of anybody, while this test runs. */
function told(event: 'unhandledRejection' | 'uncaughtException'): unknown[] {
  const before = process.listeners(event as 'uncaughtException');
  const errors: unknown[] = [];
  const note = (error: unknown): void => void errors.push(error);
  process.removeAllListeners(event).on(event, note);
  onTestFinished(() => {
    process.removeAllListeners(event);
    for (const listener of before) process.on(event, listener);
  });
  return errors;
}

describe('a failure', () => {
  test('of a call that nobody looks at is an unhandled rejection, with the error itself', async () => {
    const errors = told('unhandledRejection');
    startOnline(() => Promise.reject(DIED)).on('progress', () => undefined);
    await nextTurn();
    await nextTurn();
    expect(errors).toEqual([DIED]);
  });

  test('goes to whoever listens for it, and is handled so', async () => {
    const errors = told('unhandledRejection');
    const heard = new Promise((resolve) => {
      start(() => Promise.reject(DIED))
        .on('error', () => undefined)
        .once('error', resolve);
    });
    expect(await heard).toBe(DIED);
    await nextTurn();
    expect(errors).toEqual([]);
  });

  test.each([
    ['online', (call: ReturnType<typeof startOnline>) => call.online],
    ['done', (call: ReturnType<typeof startOnline>) => call.done],
    [
      'the events',
      async (call: ReturnType<typeof startOnline>) => {
        for await (const { event } of call) expect(event).toBe('waiting');
      },
    ],
  ])('is told to who awaits %s, and to nobody else', async (_, wait) => {
    const errors = told('unhandledRejection');
    const call = startOnline((work) => {
      work.emit(waiting('for the end'));
      return Promise.reject(DIED);
    });
    await expect(wait(call)).rejects.toBe(DIED);
    await nextTurn();
    expect(errors).toEqual([]);
  });

  test('after it was online is not hidden by who awaited that', async () => {
    const errors = told('unhandledRejection');
    const call = startOnline(({ emit }) => {
      emit(ONLINE);
      return Promise.reject(DIED);
    });
    expect(await call.online).toBe(ONLINE);
    await nextTurn();
    expect(errors).toEqual([DIED]);
  });

  test.each(['close', 'suspend', 'abort'] as const)('is not what %s() brings', async (how) => {
    const errors = told('unhandledRejection');
    const ending = new AbortController();
    const call = startOnline(endless, ending.signal).on('error', (error) => errors.push(error));
    const { online } = call;
    await nextTurn();
    if (how === 'abort') ending.abort();
    else await call[how]();
    await nextTurn();
    await nextTurn();
    expect(errors).toEqual([]);
    await expect(online).rejects.toBeInstanceOf(OnionferryError);
  });
});

test('a call that is suspended before it was online never gets there', async () => {
  const call = startOnline((work) => endless(work).catch(() => 'so far'));
  const { online } = call;
  await nextTurn();
  await call.suspend();
  expect(await call.done).toBe('so far');
  await expect(online).rejects.toMatchObject({ code: 'ERR_SUSPENDED' });
});

test('a listener that throws fails for itself, and neither the call nor other listeners notice', async () => {
  const errors = told('uncaughtException');
  const own = new Error('a mistake of the listener');
  const heard: string[] = [];
  const call = start(({ emit }) => {
    emit(waiting('once'));
    emit(waiting('twice'));
    return Promise.resolve('done');
  })
    .once('waiting', () => {
      throw own;
    })
    .on('waiting', ({ reason }) => heard.push(reason));
  expect(await call.done).toBe('done');
  await nextTurn();
  expect(errors).toEqual([own]);
  expect(heard).toEqual(['once', 'twice']);
});

test('off and offEvent take listeners back', async () => {
  const heard: string[] = [];
  const listen = ({ event }: FerryEvent): void => void heard.push(event);
  const call = start(({ emit }) => {
    emit(waiting('for nobody'));
    return Promise.resolve();
  });
  call.on('waiting', listen).on('waiting', listen).off('waiting', listen);
  call
    .onEvent(listen)
    .offEvent(listen)
    .once('error', listen as never)
    .off('error', listen as never);
  await call.done;
  expect(heard).toEqual(['waiting']);
});

test('a loop over the events misses none while it is slow, but stale progress', async () => {
  const emitted = deferred<undefined>();
  const call = start(async ({ emit }) => {
    emit(waiting('first'));
    for (const bytes of [1, 2, 3]) emit(progress(bytes));
    emit(waiting('last'));
    emitted.resolve(undefined);
    await nextTurn();
  });
  const seen: FerryEvent[] = [];
  for await (const event of call) {
    await emitted.promise;
    seen.push(event);
  }
  expect(seen).toEqual([waiting('first'), progress(3), waiting('last')]);
});

test('several may ask for the next event at once, and hear of the end', async () => {
  const begin = deferred<undefined>();
  const call = start(async ({ emit }) => {
    await begin.promise;
    emit(waiting('for one of them'));
  });
  const events = call[Symbol.asyncIterator]();
  const asked = [events.next(), events.next()];
  begin.resolve(undefined);
  const results = await Promise.all(asked);
  expect(results.filter(({ done }) => done === true)).toHaveLength(1);
});

test('leaving a loop over the events leaves the call running, and its failure is not silent', async () => {
  const errors = told('unhandledRejection');
  const over = deferred<undefined>();
  const call = start(async ({ emit }) => {
    emit(waiting('for the loop'));
    await over.promise;
    throw DIED;
  });
  for await (const { event } of call) {
    expect(event).toBe('waiting');
    break;
  }
  over.resolve(undefined);
  await nextTurn();
  await nextTurn();
  expect(errors).toEqual([DIED]);
  // Who comes later hears the same.
  await expect(call[Symbol.asyncIterator]().next()).rejects.toBe(DIED);
});

test('a handle is closed at the end of the block that owns it', async () => {
  let ended = false;
  {
    await using call = start((work) => endless(work).finally(() => (ended = true)));
    call.on('waiting', () => undefined);
    await nextTurn();
  }
  expect(ended).toBe(true);
});
