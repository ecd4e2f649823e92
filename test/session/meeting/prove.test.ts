import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { fromBase64Url, toBase64Url } from '../../../src/base/bytes.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { startExchange } from '../../../src/pake/exchange.js';
import type { SessionKeys } from '../../../src/pake/key-schedule.js';
import { resumptionSecret } from '../../../src/pake/resumption.js';
import { type ChannelRequest, WAIT_MAX_MS } from '../../../src/relay-protocol/wire.js';
import { JUDGED_MAX_MS, type ProofOptions, prove } from '../../../src/session/meeting/prove.js';
import { CHANNEL, ONION, RESUMPTION } from '../support/parties.js';
import { named, recipientState, type Script, scriptedRelay } from '../support/scripted-relay.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const place = { onion: ONION, channel: CHANNEL, curve: 'p256' } as const;
const secret = resumptionSecret(RESUMPTION, place);
const answered = recipientState({ phase: 'answered', attempt: 7, revision: 3 });

type State = NonNullable<Script['states']>[number];

/** What a sender that knows the secret says to an answer, once it is judged. */
class Judge {
  readonly #exchange = startExchange(secret, place);
  readonly joined = { uuid: named('me'), attempt: 7, x: this.#exchange.x, revision: 2 };
  keys: SessionKeys | undefined;

  hears({ y = '' }: ChannelRequest): void {
    this.keys ??= this.#exchange.finish(fromBase64Url(y) ?? new Uint8Array());
  }

  says(proof: 'confirmation' | 'agreement'): State {
    return (request) => {
      this.hears(request);
      const h_k = toBase64Url(this.keys?.[proof] ?? new Uint8Array());
      return recipientState({ phase: 'confirmed', attempt: 7, h_k });
    };
  }
}

interface Proof {
  readonly outcome: unknown;
  readonly asked: ChannelRequest[];
  readonly signals: (AbortSignal | undefined)[];
  readonly ms: number;
}

async function proof(
  judge: Judge,
  states: State[],
  options: Partial<ProofOptions> = {},
): Promise<Proof> {
  const relay = scriptedRelay({ states });
  const wrong = (cause?: unknown): OnionferryError =>
    new OnionferryError('ERR_PASSWORD', 'wrong', { cause });
  const since = performance.now();
  let ms = Number.NaN;
  const proving = prove({ relay, ...place, wrong, ...options }, judge.joined, secret)
    .catch((error: unknown) => error)
    .finally(() => {
      ms = performance.now() - since;
    });
  await vi.advanceTimersByTimeAsync(2 * JUDGED_MAX_MS);
  return { outcome: await proving, asked: relay.asked, signals: relay.signals, ms };
}

describe('an answer that is right', () => {
  test('brings the keys that the sender has, and asks for what it waits for', async () => {
    const judge = new Judge();
    const { outcome, asked } = await proof(judge, [judge.says('confirmation')]);
    expect(outcome).toEqual(judge.keys);
    const hh_k = toBase64Url(judge.keys?.confirmationHash ?? new Uint8Array());
    expect(asked).toEqual([
      {
        ...{ channel: CHANNEL, uuid: 'me', attempt: 7, since: 2, wait: WAIT_MAX_MS, hh_k },
        // Compared by the keys that came of it.
        y: asked[0]?.y,
      },
    ]);
  });

  test('says if whatever is offered is taken, and wants the proof of having heard that', async () => {
    const judge = new Judge();
    const { outcome, asked } = await proof(judge, [judge.says('agreement')], { agrees: true });
    expect(outcome).toEqual(judge.keys);
    expect(asked[0]?.hh_k).toBe(toBase64Url(judge.keys?.agreementHash ?? new Uint8Array()));
    for (const [agrees, other] of [
      [true, 'confirmation'],
      [false, 'agreement'],
    ] as const) {
      const mistaken = new Judge();
      const { outcome: refused } = await proof(mistaken, [mistaken.says(other), answered], {
        agrees,
      });
      expect(refused).toMatchObject({ code: 'ERR_PASSWORD' });
    }
  });

  test('waits to be judged, without saying it again, and asks five times a second at most', async () => {
    const judge = new Judge();
    const heard: State = (request) => {
      judge.hears(request);
      return answered;
    };
    const later = recipientState({ ...answered, revision: 4 });
    const states = [heard, answered, later, judge.says('confirmation')];
    const { outcome, asked, ms } = await proof(judge, states, { waitMs: 500 });
    expect(outcome).toEqual(judge.keys);
    const request = { channel: CHANNEL, uuid: 'me', attempt: 7, wait: 500 };
    expect(asked.slice(1)).toEqual([
      { ...request, since: 3 },
      { ...request, since: 3 },
      { ...request, since: 4 },
    ]);
    expect(ms).toBe(600);
  });

  test('is sent when the caller has noted that it will be', async () => {
    const judge = new Judge();
    const order: string[] = [];
    const { outcome } = await proof(
      judge,
      [
        (request) => {
          judge.hears(request);
          order.push('sent');
          return answered;
        },
        judge.says('confirmation'),
      ],
      {
        onAnswering: async () => {
          await Promise.resolve();
          order.push('noted');
        },
      },
    );
    expect(outcome).toEqual(judge.keys);
    expect(order).toEqual(['noted', 'sent']);
  });
});

describe('an answer', () => {
  test('that is not judged for ten minutes is given up', async () => {
    const { outcome, ms } = await proof(new Judge(), [answered]);
    expect(outcome).toMatchObject({ code: 'ERR_RELAY_BUSY' });
    expect(ms).toBe(JUDGED_MAX_MS);
    const soon = await proof(new Judge(), [answered], { judgedMaxMs: 400 });
    expect(soon.ms).toBe(400);
  });

  test('is given up with the signal’s reason', async () => {
    const ending = new AbortController();
    setTimeout(() => ending.abort(new Error('enough')), 300);
    const { outcome, signals } = await proof(new Judge(), [answered], { signal: ending.signal });
    expect(outcome).toEqual(new Error('enough'));
    expect(signals).toEqual([ending.signal, ending.signal]);
  });

  test('that is refused is wrong, as is one whose attempt has ended', async () => {
    const ended = new OnionferryError('ERR_ATTEMPT_ENDED', 'over');
    const { outcome, asked } = await proof(new Judge(), [answered, ended]);
    expect(outcome).toMatchObject({ code: 'ERR_PASSWORD', cause: ended });
    expect(asked).toHaveLength(2);
  });

  test.each([
    'ERR_RELAY',
    'ERR_CHANNEL_FULL',
    'ERR_RELAY_BUSY',
  ] as const)('that ends unjudged says why: %s', async (code) => {
    const { outcome, asked } = await proof(new Judge(), [new OnionferryError(code, 'no')]);
    expect(outcome).toMatchObject({ code });
    expect(asked).toHaveLength(1);
  });

  test.each([
    ['another proof', toBase64Url(new Uint8Array(32))],
    ['what is no proof', '*'],
  ])('that %s is said to is wrong, and its attempt is left', async (_, h_k) => {
    const confirmed = recipientState({ phase: 'confirmed', h_k });
    const { outcome, asked } = await proof(new Judge(), [confirmed, answered]);
    expect(outcome).toMatchObject({ code: 'ERR_PASSWORD', cause: undefined });
    expect(asked[1]).toEqual({ channel: CHANNEL, uuid: 'me', attempt: 7, close: true });
  });
});
