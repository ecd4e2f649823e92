import { describe, expect, test } from 'vitest';
import { untilAborted } from '../../../src/base/deadline.js';
import { deferred } from '../../../src/base/deferred.js';
import { OnionferryError, ResumableError } from '../../../src/base/errors.js';
import type { Destination } from '../../../src/session/receiving/destination.js';
import type { FarEnd } from '../support/other-side.js';
import {
  accepted,
  begun,
  data,
  destinationOf,
  type Given,
  noted,
  offered,
  says,
  type World,
} from '../support/recipient-in-transfer.js';

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
