import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { deferred } from '../../../src/base/deferred.js';
import { OnionferryError, ResumableError } from '../../../src/base/errors.js';
import {
  type Conversation,
  converse,
  endsSession,
} from '../../../src/session/conversation/conversation.js';
import type { SecureStream } from '../../../src/session/conversation/secure-stream.js';
import { TamperingLimit } from '../../../src/session/conversation/tampering-limit.js';
import type { Control, Message } from '../../../src/stream/message.js';
import { PeerAbort, PeerAway } from '../../../src/stream/peer-abort.js';
import { ends } from '../support/ends.js';

beforeEach(() => {
  // The sockets between the ends go on.
  vi.useFakeTimers({
    toFake: ['setInterval', 'clearInterval', 'setTimeout', 'clearTimeout', 'performance'],
  });
});
afterEach(() => void vi.useRealTimers());

const never = (): Promise<never> => new Promise(() => undefined);
const control = (said: Control): Message => ({ frame: 'control', control: said });
const keepalive = control({ type: 'keepalive' });
const offered = control({ type: 'stream-limit', streams: 3 });

interface Talk {
  readonly outcome: Promise<unknown>;
  readonly heard: Message[];
  /** What the other side hears. */
  readonly told: Control[];
  readonly far: SecureStream;
  readonly near: SecureStream;
  /** Whether the other side sees that the stream has ended. */
  readonly hasEnded: () => boolean;
}

async function talk(options: Partial<Conversation<unknown>> = {}): Promise<Talk> {
  const { sender: far, recipient: near } = await ends();
  const heard: Message[] = [];
  const told: Control[] = [];
  let hasEnded = false;
  const listen = async (): Promise<void> => {
    for await (const message of far.messages()) {
      if (message.frame === 'control') told.push(message.control);
      if (message.frame === 'control' && message.control.type !== 'keepalive') break;
    }
  };
  const ended = (): void => {
    hasEnded = true;
    far.destroy();
  };
  listen().then(ended, ended);
  const outcome = converse<unknown>({
    stream: near,
    signal: new AbortController().signal,
    tampering: new TamperingLimit(),
    hear: (message) => void heard.push(message),
    speak: never,
    ...options,
  }).catch((error: unknown) => error);
  return { outcome, heard, told, far, near, hasEnded: () => hasEnded };
}

/** Lets time pass in steps between which what was sent arrives. */
async function passes(ms: number, arrived: () => boolean = () => true): Promise<void> {
  await vi.advanceTimersByTimeAsync(ms);
  await expect.poll(arrived).toBe(true);
}

describe('a conversation', () => {
  test('hears the other side in order, but for its signs of life', async () => {
    const slow = deferred<undefined>();
    const order: string[] = [];
    const { far, heard } = await talk({
      hear: async (message) => {
        order.push('begins');
        await slow.promise;
        heard.push(message);
        order.push('ends');
      },
    });
    await far.send(keepalive);
    await far.send(offered);
    await far.send(offered);
    await expect.poll(() => order).toEqual(['begins']);
    slow.resolve(undefined);
    await expect.poll(() => order).toEqual(['begins', 'ends', 'begins', 'ends']);
    expect(heard).toEqual([offered, offered]);
  });

  test('ends with the result of what this side has to say, which learns that it is over', async () => {
    const result = deferred<string>();
    let over: AbortSignal | undefined;
    const { outcome } = await talk({
      speak: (signal) => {
        over = signal;
        return result.promise;
      },
    });
    expect(over?.aborted).toBe(false);
    result.resolve('said');
    expect(await outcome).toBe('said');
    expect(over?.reason).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('says every five seconds that this side lives', async () => {
    const { told } = await talk();
    await passes(4_999);
    expect(told).toEqual([]);
    for (const times of [1, 2, 3]) {
      await passes(times === 1 ? 1 : 5_000, () => told.length === times);
      expect(told.at(-1)).toEqual({ type: 'keepalive' });
    }
  });

  test('ends when nothing is heard for more than half a minute', async () => {
    const { outcome, told, hasEnded } = await talk();
    await passes(30_000, () => told.length === 6);
    expect(hasEnded()).toBe(false);
    await passes(5_000);
    expect(await outcome).toMatchObject({ code: 'ERR_PEER_GONE' });
    await expect.poll(hasEnded).toBe(true);
    // Nobody is told what is no more than a broken connection.
    expect(new Set(told.map(({ type }) => type))).toEqual(new Set(['keepalive']));
    expect(vi.getTimerCount()).toBe(0);
  });

  test('goes on while signs of life come, and while this side does not listen', async () => {
    const slow = deferred<undefined>();
    let hears = 0;
    const { far, told, hasEnded } = await talk({
      hear: async () => {
        hears++;
        await slow.promise;
      },
    });
    for (let times = 1; times <= 4; times++) {
      await far.send(keepalive);
      await passes(0, () => true);
      await passes(20_000, () => told.length === 4 * times);
    }
    expect(hasEnded()).toBe(false);
    await far.send(offered);
    await expect.poll(() => hears).toBe(1);
    await passes(120_000, () => told.length === 40);
    expect(hasEnded()).toBe(false);
    // From now on it could be heard again.
    slow.resolve(undefined);
    await vi.advanceTimersByTimeAsync(25_000);
    expect(hasEnded()).toBe(false);
    await vi.advanceTimersByTimeAsync(15_000);
    await expect.poll(hasEnded).toBe(true);
  });

  test('ends when the other side says why it goes', async () => {
    const aborted = await talk();
    await aborted.far.send(control({ type: 'abort', reason: 'refused' }));
    const refused = await aborted.outcome;
    expect(refused).toBeInstanceOf(PeerAbort);
    expect(refused).toMatchObject({ reason: 'refused', code: 'ERR_REFUSED' });
    const away = await talk();
    await away.far.send(control({ type: 'away', reason: 'disk-full' }));
    const gone = await away.outcome;
    expect(gone).toBeInstanceOf(PeerAway);
    expect(gone).toMatchObject({ reason: 'disk-full' });
    expect((gone as Error).message).toContain('sender');
    // It knows.
    for (const { heard, told } of [aborted, away]) expect([heard, told]).toEqual([[], []]);
  });

  test('ends when the other side goes without a word', async () => {
    const { far, outcome } = await talk();
    far.destroy();
    expect(await outcome).toMatchObject({ code: 'ERR_PEER_GONE' });
  });
});

describe('what ends a conversation on this side', () => {
  const suspended = new ResumableError('ERR_DISK_FULL', 'full');
  test.each<[string, Error, Control | undefined]>([
    ['what is over', new OnionferryError('ERR_REFUSED', 'no'), abort('refused')],
    ['a defect', new Error('oops'), abort('internal')],
    ['a pause', suspended, { type: 'away', reason: 'disk-full' }],
    ['a connection that broke', new OnionferryError('ERR_PEER_GONE', 'broke'), undefined],
    ['a tampered stream', new OnionferryError('ERR_STREAM', 'tampered'), undefined],
    ['what the other side gave as its reason', new PeerAbort('cancelled'), undefined],
  ])('is told to the other one if it is more than a connection: %s', async (_, error, said) => {
    const { outcome, told, hasEnded } = await talk({ speak: () => Promise.reject(error) });
    expect(await outcome).toBe(error);
    await expect.poll(hasEnded).toBe(true);
    expect(told).toEqual(said === undefined ? [] : [said]);
  });

  function abort(reason: Extract<Control, { type: 'abort' }>['reason']): Control {
    return { type: 'abort', reason };
  }

  test('is told also where it is the caller’s', async () => {
    const ending = new AbortController();
    const { outcome, told } = await talk({ signal: ending.signal });
    const reason = new OnionferryError('ERR_INTERRUPTED', 'enough');
    ending.abort(reason);
    expect(await outcome).toBe(reason);
    expect(told).toEqual([abort('cancelled')]);
  });

  test('may be the one tampered stream that is too many', async () => {
    const error = new OnionferryError('ERR_STREAM', 'tampered');
    const tampering = new TamperingLimit(1);
    const { outcome, told } = await talk({ tampering, speak: () => Promise.reject(error) });
    expect(await outcome).toBe(error);
    expect(told).toEqual([abort('tampered')]);
  });

  test('counts every tampered stream', async () => {
    const tampering = new TamperingLimit();
    const error = new OnionferryError('ERR_STREAM', 'tampered');
    for (let count = 0; count <= 63; count++) tampering.note(error);
    expect(tampering.tolerates(error)).toBe(true);
    const { outcome, told } = await talk({ tampering, speak: () => Promise.reject(error) });
    await outcome;
    expect(tampering.tolerates(error)).toBe(false);
    expect(told).toEqual([abort('tampered')]);
  });

  test('is tried to be told for five seconds', async () => {
    const { sender, recipient } = await ends();
    const error = new OnionferryError('ERR_REFUSED', 'no');
    let hasEnded = false;
    void converse({
      stream: recipient,
      signal: new AbortController().signal,
      tampering: new TamperingLimit(),
      hear: () => undefined,
      speak: () => Promise.reject(error),
    }).catch(() => (hasEnded = true));
    // It hears it, and does not go.
    const { value } = await sender.messages().next();
    expect(value).toEqual(control(abort('refused')));
    await vi.advanceTimersByTimeAsync(4_990);
    expect(hasEnded).toBe(false);
    await vi.advanceTimersByTimeAsync(10);
    await expect.poll(() => hasEnded).toBe(true);
  });
});

test('what ends one stream ends all if it is no matter of that connection', () => {
  const limit = new TamperingLimit();
  const tampered = new OnionferryError('ERR_STREAM', 'tampered');
  const ended = (error: unknown, tampering = limit): boolean => endsSession(error, tampering);
  expect(ended(new OnionferryError('ERR_PEER_GONE', 'broke'))).toBe(false);
  expect(ended(tampered)).toBe(false);
  expect(ended(tampered, new TamperingLimit(1))).toBe(true);
  expect(ended(new PeerAway('suspended', 'sender'))).toBe(true);
  expect(ended(new PeerAbort('cancelled'))).toBe(true);
  expect(ended(new Error('oops'))).toBe(true);
});
