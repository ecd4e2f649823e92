import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { deadline, sleep, untilAborted, within } from '../../src/base/deadline.js';
import { OnionferryError } from '../../src/base/errors.js';

const timeout = (): OnionferryError => new OnionferryError('ERR_TIMEOUT', 'Too late.');

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('deadline', () => {
  it('aborts with its reason when the time is over, not before', () => {
    using limit = deadline(1000, timeout);
    vi.advanceTimersByTime(999);
    expect(limit.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(limit.signal.reason).toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it('starts over when it is extended', () => {
    using limit = deadline(1000, timeout);
    vi.advanceTimersByTime(999);
    limit.extend(500);
    vi.advanceTimersByTime(499);
    expect(limit.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect(limit.signal.reason).toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it("aborts earlier with the parent's reason", () => {
    const parent = new AbortController();
    using limit = deadline(1000, timeout, parent.signal);
    const reason = new Error('interrupted');
    parent.abort(reason);
    expect(limit.signal.reason).toBe(reason);
  });

  it('is aborted at once by a parent that is', () => {
    using limit = deadline(1000, timeout, AbortSignal.abort('before'));
    expect(limit.signal.reason).toBe('before');
  });

  it('leaves no timer and follows no parent once it is disposed of', () => {
    const parent = new AbortController();
    const limit = deadline(1000, timeout, parent.signal);
    limit[Symbol.dispose]();
    expect(vi.getTimerCount()).toBe(0);
    parent.abort();
    vi.advanceTimersByTime(2000);
    expect(limit.signal.aborted).toBe(false);
  });

  it('makes its reason only when it is needed', () => {
    const reason = vi.fn(timeout);
    deadline(1000, reason)[Symbol.dispose]();
    expect(reason).not.toHaveBeenCalled();
  });
});

describe('sleep', () => {
  it('resolves when the time is over', async () => {
    const woken = vi.fn();
    const sleeping = sleep(1000).then(woken);
    await vi.advanceTimersByTimeAsync(999);
    expect(woken).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    await sleeping;
    expect(woken).toHaveBeenCalledOnce();
  });

  it("rejects with the signal's reason, and its timer is gone", async () => {
    const controller = new AbortController();
    const sleeping = sleep(1000, controller.signal);
    controller.abort(timeout());
    expect(vi.getTimerCount()).toBe(0);
    await expect(sleeping).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it('rejects at once if the signal has aborted', async () => {
    await expect(sleep(1000, AbortSignal.abort(timeout()))).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
    });
  });

  it('rejects with an Error even if the reason is none', async () => {
    await expect(sleep(1000, AbortSignal.abort('text'))).rejects.toMatchObject({ cause: 'text' });
  });
});

describe('untilAborted', () => {
  it('settles as the promise does', async () => {
    const { signal } = new AbortController();
    await expect(untilAborted(Promise.resolve(1), signal)).resolves.toBe(1);
    await expect(untilAborted(Promise.resolve(1))).resolves.toBe(1);
    await expect(untilAborted(Promise.reject(timeout()), signal)).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
    });
  });

  it("rejects with the signal's reason while the promise is pending", async () => {
    const controller = new AbortController();
    const waiting = untilAborted(new Promise(() => undefined), controller.signal);
    controller.abort(timeout());
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it('rejects if the signal has aborted before', async () => {
    const waiting = untilAborted(new Promise(() => undefined), AbortSignal.abort(timeout()));
    await expect(waiting).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });

  it('leaves no listener behind, and no rejection unhandled', async () => {
    const { signal } = new AbortController();
    const removed = vi.spyOn(signal, 'removeEventListener');
    await untilAborted(Promise.resolve(1), signal);
    await untilAborted(Promise.reject(timeout()), signal).catch(() => undefined);
    expect(removed).toHaveBeenCalledTimes(2);
    const late = untilAborted(Promise.reject(new Error('late')), AbortSignal.abort(timeout()));
    await expect(late).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  });
});

describe('within', () => {
  it('says whether a promise resolves in time', async () => {
    expect(await within(Promise.resolve('early'), 1000)).toBe(true);
    const waiting = within(new Promise(() => undefined), 1000);
    vi.advanceTimersByTime(1000);
    expect(await waiting).toBe(false);
  });

  it('passes a rejection on', async () => {
    const failure = new Error('broken');
    await expect(within(Promise.reject(failure), 1000)).rejects.toBe(failure);
  });

  it('ends with the reason of its signal', async () => {
    const abort = new AbortController();
    const waiting = within(new Promise(() => undefined), 1000, abort.signal);
    const reason = new Error('enough');
    abort.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });
});
