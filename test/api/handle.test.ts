import { expect, test } from 'vitest';
import { start } from '../../src/api/handle.js';
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
