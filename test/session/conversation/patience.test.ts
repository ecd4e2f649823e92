import { expect, test } from 'vitest';
import { OnionferryError } from '../../../src/base/errors.js';
import { withinPatience } from '../../../src/session/conversation/patience.js';

/** Waits as reconnecting does: until its signal aborts. */
function forever(onEnd: (reason: unknown) => void = () => undefined) {
  return (signal: AbortSignal): Promise<never> =>
    new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        onEnd(signal.reason);
        reject(signal.reason as Error); // the test aborts with errors alone
      });
    });
}

test('a side that comes back in time is met', async () => {
  expect(await withinPatience(() => Promise.resolve('met'))).toBe('met');
});

test('a side that does not is given up, and the wait for it ends', async () => {
  let reason: unknown;
  const waiting = withinPatience(
    forever((given) => {
      reason = given;
    }),
    1,
  );
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
  expect(reason).toMatchObject({ code: 'ERR_PEER_GONE' });
});

test('a wait that does not listen ends in time all the same', async () => {
  const deaf = withinPatience(() => new Promise(() => undefined), 1);
  await expect(deaf).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
});

test('a person who interrupts it hears of that, not of the other side', async () => {
  const ending = new AbortController();
  const waiting = withinPatience(forever(), undefined, ending.signal);
  ending.abort(new OnionferryError('ERR_INTERRUPTED', 'interrupted'));
  await expect(waiting).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
});

test('what goes wrong while waiting is told as it is', async () => {
  const failure = new OnionferryError('ERR_TOR_START', 'tor does not start');
  await expect(withinPatience(() => Promise.reject(failure))).rejects.toBe(failure);
});
