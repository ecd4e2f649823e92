import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { OnionferryError, ResumableError } from '../../../src/base/errors.js';
import type { FarEnd } from '../support/other-side.js';
import {
  accepted,
  begun,
  data,
  type Given,
  LENGTH,
  noted,
  says,
  type World,
} from '../support/recipient-in-transfer.js';

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
