import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { leave } from '../../../src/session/meeting/leave.js';
import { named, recipientState, scriptedRelay } from '../support/scripted-relay.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const request = { channel: 'front-door', uuid: named('me'), attempt: 3, close: true } as const;

test('who leaves tells the relay so', async () => {
  const relay = scriptedRelay({ states: [recipientState({ phase: 'ended' })] });
  await leave(relay, request);
  expect(relay.asked).toEqual([request]);
  expect(vi.getTimerCount()).toBe(0);
});

test('a relay that does not know of it any more keeps nobody', async () => {
  await leave(scriptedRelay({ states: [new Error('gone')] }), request);
});

test('a relay that does not answer keeps nobody for more than two seconds', async () => {
  const relay = scriptedRelay({});
  relay.channel = (_, options) =>
    new Promise((_resolve, reject) => {
      options?.signal?.addEventListener('abort', () => reject(new Error('aborted')));
    });
  let hasLeft = false;
  void leave(relay, request).then(() => (hasLeft = true));
  await vi.advanceTimersByTimeAsync(1_999);
  expect(hasLeft).toBe(false);
  await vi.advanceTimersByTimeAsync(1);
  expect(hasLeft).toBe(true);
});
