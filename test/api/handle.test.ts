import { expect, test } from 'vitest';
import { type Handle, start, suspended, untilSuspended, type Work } from '../../src/api/handle.js';
import { untilAborted } from '../../src/base/deadline.js';
import { deferred } from '../../src/base/deferred.js';
import { OnionferryError } from '../../src/base/errors.js';

test('the first failure is reported, not one that followed while cleaning up', async () => {
  const died = new OnionferryError('ERR_TOR_DIED', 'tor has ended');
  const handle = start(async () => {
    await using outer = { [Symbol.asyncDispose]: () => Promise.reject(new Error('outer')) };
    await using inner = { [Symbol.asyncDispose]: () => Promise.reject(new Error('inner')) };
    if (outer !== inner) throw died;
  });
  await expect(handle.done).rejects.toBe(died);
});

test('a defect is reported as ERR_INTERNAL, and keeps its cause', async () => {
  const cause = new TypeError('undefined is not a function');
  const handle = start(() => Promise.reject(cause));
  await expect(handle.done).rejects.toMatchObject({ code: 'ERR_INTERNAL', cause });
});

/** A call that never ends by itself, once it runs. */
async function running<Summary>(
  work: (work: Work) => Promise<Summary>,
  signal?: AbortSignal,
): Promise<Handle<Summary>> {
  const begun = deferred<undefined>();
  const handle = start((given) => {
    begun.resolve(undefined);
    return work(given);
  }, signal);
  await begun.promise;
  return handle;
}

const endless = ({ signal }: Work): Promise<never> => untilAborted(new Promise(() => {}), signal);

test.each(['suspend()', 'an abort'])('%s ends it with ERR_SUSPENDED', async (how) => {
  const ending = new AbortController();
  const handle = await running(endless, ending.signal);
  if (how === 'an abort') ending.abort(suspended());
  else await handle.suspend();
  await expect(handle.done).rejects.toMatchObject({ code: 'ERR_SUSPENDED' });
});

test('any other abort is a person who gives up', async () => {
  const ending = new AbortController();
  const handle = await running(endless, ending.signal);
  const reason = new Error('for a reason of its own');
  ending.abort(reason);
  await expect(handle.done).rejects.toMatchObject({ code: 'ERR_INTERRUPTED', cause: reason });
});

test('a transfer that is suspended may say itself how to resume it', async () => {
  const said = new OnionferryError('ERR_SUSPENDED', 'run it again');
  const handle = await running((work) => endless(work).catch(() => Promise.reject(said)));
  await handle.suspend();
  await expect(handle.done).rejects.toBe(said);
});

test('a service that is suspended ends with what it has done, and fails if it is closed', async () => {
  const serve = (work: Work): Promise<number> => untilSuspended(work, endless(work), () => 7);
  const stopped = await running(serve);
  await stopped.suspend();
  expect(await stopped.done).toBe(7);
  const closed = await running(serve);
  await closed.close();
  await expect(closed.done).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
});
