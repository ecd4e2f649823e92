/* eslint-disable max-lines -- one party, said to and heard word by word over one fixture */
import { describe, expect, test } from 'vitest';
import type { Bytes } from '../../../src/base/bytes.js';
import { deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { encodeManifest } from '../../../src/session/conversation/encoded-manifest.js';
import {
  SenderSession,
  type SenderSessionOptions,
} from '../../../src/session/sending/sender-session.js';
import type { Growth, Source } from '../../../src/session/sending/source.js';
import { FRAME_CONTENT_BYTES } from '../../../src/stream/frame.js';
import type { Control } from '../../../src/stream/message.js';
import { Ranges } from '../../../src/stream/ranges.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { type FarEnd, kinds, otherSide } from '../support/other-side.js';

const CHUNK = FRAME_CONTENT_BYTES;
/** Two whole chunks and a bit. */
const LENGTH = 2 * CHUNK + 100;

interface World {
  readonly opened: number[];
  readonly comes: (number: number) => Promise<FarEnd>;
  readonly ending: AbortController;
  readonly digest: string;
  /** What the session was told, in order. */
  readonly notes: string[];
  readonly written: [number, number | null, number | undefined][];
  readonly result: Promise<unknown>;
}

interface Given extends Partial<Omit<SenderSessionOptions, 'meeting' | 'source'>> {
  readonly hasAgreed?: boolean;
  readonly size?: number | null;
  readonly growth?: Growth;
  readonly verifyUnchanged?: () => Promise<void>;
}

async function begun(given: Given = {}): Promise<World> {
  const { hasAgreed = false, size = LENGTH, growth, verifyUnchanged, ...options } = given;
  const side = otherSide('recipient', { hasAgreed, ...options });
  const read: Source['read'] = (position, into: Bytes) => {
    for (let at = 0; at < into.length; at++) into[at] = 1 + ((position + at) % 251);
    return Promise.resolve(into.length);
  };
  const source: Source = {
    manifest: {
      kind: 'files',
      entries: [{ type: 'file', path: ['x'], size, mode: 0o644, mtime: 0 }],
    },
    warnings: [],
    read,
    ...(growth && { growth }),
    ...(verifyUnchanged && { verifyUnchanged }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const notes: string[] = [];
  const note = (what: string) => (): Promise<void> => Promise.resolve(void notes.push(what));
  const written: World['written'] = [];
  const manifest = await encodeManifest(source.manifest, nodePrimitives);
  const session = new SenderSession({
    ...side.options,
    ...{ meeting: side.meeting, generation: 0, source, manifest, mayOffer: Promise.resolve() },
    onAgreed: note('agreed'),
    onOffered: () => void notes.push('offered'),
    onAccepted: note('accepted'),
    onWritten: (bytes, wanted, { at }) => void written.push([bytes, wanted, at]),
    ...options,
  });
  const result = session.run().catch((error: unknown) => error);
  return { ...side, digest: manifest.digest, notes, written, result };
}

/** Which bytes came, as long as none came twice. */
function content(...far: FarEnd[]): [number, number][] {
  const got = new Ranges();
  for (const { heard } of far) {
    for (const message of heard) {
      if (message.frame === 'data')
        got.add(message.position, message.position + message.content.length);
    }
  }
  return [...got].map(([start, end]) => [start, end]);
}

const whole: [number, number][] = [[0, LENGTH]];
const receipt = (bytes: number): Control => ({ type: 'receipt', bytes, files: 1 });
const outOfTurn = { code: 'ERR_PROTOCOL' };

describe('a sender in its first meeting', () => {
  test('offers, sends what was accepted, and ends with the receipt', async () => {
    const { comes, digest, notes, written, result } = await begun();
    const far = await comes(0);
    await expect.poll(() => kinds(far.heard)).toEqual(['manifest']);
    expect(notes).toEqual(['offered']);
    await far.say({ type: 'accept', manifest: digest });
    await expect.poll(() => kinds(far.heard)).toContain('data');
    expect(notes).toEqual(['offered', 'accepted']);
    expect(written).toEqual([[0, LENGTH, undefined]]);
    const [, first] = far.heard;
    const length = first?.frame === 'data' ? first.content.length : Number.NaN;
    await far.say({ type: 'ack', frames: 1 });
    await expect.poll(() => written.at(-1)).toEqual([length, LENGTH, length - 1]);
    far.acknowledges();
    await expect.poll(() => content(far)).toEqual(whole);
    await far.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
    expect(written.at(-1)).toEqual([LENGTH, LENGTH, LENGTH - 1]);
    expect(kinds(far.heard).at(-1)).toBe('receipt-ack');
  });

  test('says first how many streams its user wants, over the first alone', async () => {
    const { comes, digest, result } = await begun({ circuits: 2 });
    const far = await comes(0);
    await expect.poll(() => kinds(far.heard)).toEqual(['stream-limit', 'manifest']);
    expect(far.heard[0]).toEqual({
      frame: 'control',
      control: { type: 'stream-limit', streams: 2 },
    });
    await far.say({ type: 'open-streams', streams: [1] });
    const other = await comes(1);
    await far.say({ type: 'accept', manifest: digest });
    for (const end of [far, other]) end.acknowledges();
    await expect.poll(() => content(far, other)).toEqual(whole);
    expect(kinds(other.heard)).not.toContain('stream-limit');
    expect(kinds(other.heard)).not.toContain('manifest');
    await far.say(receipt(LENGTH));
    await result;
  });

  test('offers nothing before it may, and sends nothing before the acceptance is noted', async () => {
    const may = deferred<undefined>();
    const noted = deferred<undefined>();
    const { comes, digest, notes, result, ending } = await begun({
      mayOffer: may.promise,
      onAccepted: () => noted.promise,
    });
    const far = await comes(0);
    await far.say({ type: 'open-streams', streams: [1] });
    const other = await comes(1);
    expect([far.heard, notes]).toEqual([[], []]);
    may.resolve(undefined);
    await expect.poll(() => kinds(far.heard)).toEqual(['manifest']);
    await far.say({ type: 'accept', manifest: digest });
    await far.say({ type: 'open-streams', streams: [2] });
    const third = await comes(2);
    expect(content(far, other, third)).toEqual([]);
    noted.resolve(undefined);
    for (const end of [far, other, third]) end.acknowledges();
    await expect.poll(() => content(far, other, third)).toEqual(whole);
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    await result;
  });

  test.each(['offer', 'acceptance'])('ends when there is to be no %s', async (what) => {
    const no: Promise<void> = Promise.reject(new OnionferryError('ERR_UNVERIFIED', 'no'));
    no.catch(() => undefined);
    const { comes, digest, result } = await begun(
      what === 'offer' ? { mayOffer: no } : { onAccepted: () => no },
    );
    const far = await comes(0);
    if (what === 'acceptance') await far.say({ type: 'accept', manifest: digest });
    expect(await result).toMatchObject({ code: 'ERR_UNVERIFIED' });
    await expect
      .poll(() => far.heard.at(-1))
      .toEqual({
        frame: 'control',
        control: { type: 'abort', reason: 'unverified' },
      });
  });

  test('sends what is missing, and counts what the recipient has', async () => {
    const { comes, digest, written, result } = await begun();
    const far = await comes(0);
    await far.stream.send({ frame: 'have', ranges: new Ranges([[0, CHUNK]]) });
    await far.say({ type: 'accept', manifest: digest });
    await expect.poll(() => content(far)).toEqual([[CHUNK, LENGTH]]);
    expect(written[0]).toEqual([CHUNK, LENGTH, undefined]);
    await far.say(receipt(LENGTH));
    await result;
  });

  test('sends whole chunks again that were found damaged, and the last one as it is', async () => {
    const { comes, digest, result } = await begun();
    const far = await comes(0);
    await far.stream.send({ frame: 'have', ranges: new Ranges([[0, LENGTH]]) });
    await far.say({ type: 'accept', manifest: digest });
    await far.say({ type: 'resend', ranges: [[CHUNK, 2 * CHUNK]] });
    await expect.poll(() => content(far)).toEqual([[CHUNK, 2 * CHUNK]]);
    await far.say({ type: 'resend', ranges: [[2 * CHUNK, LENGTH]] });
    await expect.poll(() => content(far)).toEqual([[CHUNK, LENGTH]]);
    await far.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
  });

  test('sends the part that is wanted, and takes a receipt for that alone', async () => {
    const { comes, digest, written, result } = await begun();
    const far = await comes(0);
    // As it says: it has what it does not want.
    await far.stream.send({ frame: 'have', ranges: new Ranges([[0, CHUNK]]) });
    await far.say({ type: 'accept', manifest: digest, wanted: CHUNK + 100 });
    await expect.poll(() => content(far)).toEqual([[CHUNK, LENGTH]]);
    expect(written[0]).toEqual([0, CHUNK + 100, undefined]);
    await far.say(receipt(CHUNK + 100));
    expect(await result).toEqual({ bytes: CHUNK + 100, files: 1 });
  });

  const have = (start: number, end: number): Parameters<FarEnd['stream']['send']>[0] => ({
    frame: 'have',
    ranges: new Ranges([[start, end]]),
  });
  test.each<[string, (far: FarEnd, accept: Control) => Promise<void>]>([
    ['names another offer', (far) => far.say({ type: 'accept', manifest: 'A'.repeat(43) })],
    ['asks for the offer', (far) => far.say({ type: 'manifest-request' })],
    ['says what is written of nothing', (far) => far.say({ type: 'ack', frames: 1 })],
    ['wants again what was never sent', (far) => far.say({ type: 'resend', ranges: [[0, CHUNK]] })],
    ['has all without a word', (far) => far.say(receipt(LENGTH))],
    [
      'wants again what is beyond the end',
      async (far, accept) => {
        await far.say(accept);
        await far.say({ type: 'resend', ranges: [[2 * CHUNK, 3 * CHUNK]] });
      },
    ],
    [
      'wants a part of a chunk again',
      async (far, accept) => {
        await far.say(accept);
        await far.say({ type: 'resend', ranges: [[CHUNK, CHUNK + 7]] });
      },
    ],
    [
      'wants again what begins within a chunk',
      async (far, accept) => {
        await far.say(accept);
        await far.say({ type: 'resend', ranges: [[7, CHUNK]] });
      },
    ],
    [
      'accepts twice',
      async (far, accept) => {
        await far.say(accept);
        await far.say(accept);
      },
    ],
    [
      'says what it has after it has accepted',
      async (far, accept) => {
        await far.say(accept);
        await far.stream.send(have(0, CHUNK));
      },
    ],
    [
      'has more than there is',
      async (far, accept) => {
        await far.stream.send(have(0, LENGTH + 1));
        await far.say(accept);
      },
    ],
    [
      'wants more than there is',
      (far, accept) => far.say({ ...accept, wanted: LENGTH + 1 } as Control),
    ],
    [
      'has received less than it wants',
      async (far, accept) => {
        await far.say(accept);
        await far.say(receipt(LENGTH - 1));
      },
    ],
    ['plays the sender', (far) => far.say({ type: 'receipt-ack' })],
    [
      'sends content itself',
      (far) => far.stream.send({ frame: 'data', position: 0, content: new Uint8Array(1) }),
    ],
    ['opens what is not its own', (far) => far.say({ type: 'open-streams', streams: [2049] })],
    ['opens a stream twice', (far) => far.say({ type: 'open-streams', streams: [1, 1] })],
  ])('ends when the recipient %s', async (_, says) => {
    const { comes, digest, result } = await begun();
    const far = await comes(0);
    says(far, { type: 'accept', manifest: digest }).catch(() => undefined);
    expect(await result).toMatchObject(outOfTurn);
    await expect.poll(() => far.hasEnded).toBe(true);
  });
});

describe('streams that the recipient asks for', () => {
  const numbers = (first: number, count: number): number[] =>
    Array.from({ length: count }, (_, i) => first + i);

  test('are opened up to 32, and those in place of others that take long', async () => {
    const { comes, opened, result, ending } = await begun();
    const far = await comes(0);
    await far.say({ type: 'open-streams', streams: numbers(1, 31) });
    await expect.poll(() => opened.length).toBe(32);
    // Of those that are given up, eight may still be ending.
    await far.say({ type: 'open-streams', streams: numbers(32, 16) });
    await expect.poll(() => opened.length).toBeGreaterThan(32);
    expect(opened).toEqual(numbers(0, opened.length));
    expect(opened.length).toBeLessThanOrEqual(40);
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    await result;
  });

  test('are opened up to what its user wants, as long as they live', async () => {
    const counts: number[] = [];
    const onStreams = (count: number): void => void counts.push(count);
    const { comes, opened, result, ending, digest } = await begun({ circuits: 2, onStreams });
    const far = await comes(0);
    await far.say({ type: 'open-streams', streams: [1] });
    const other = await comes(1);
    await expect.poll(() => opened).toEqual([0, 1]);
    // It is over once two live, however often it is asked.
    await far.say({ type: 'open-streams', streams: [2] });
    await far.say({ type: 'accept', manifest: digest });
    for (const end of [far, other]) end.acknowledges();
    await expect.poll(() => content(far, other)).toEqual(whole);
    expect(opened).toEqual([0, 1]);
    other.stream.destroy();
    await expect.poll(() => counts.at(-1)).toBe(1);
    // The one that was not opened may be asked for again.
    await far.say({ type: 'open-streams', streams: [2] });
    await expect.poll(() => opened).toEqual([0, 1, 2]);
    ending.abort(new OnionferryError('ERR_INTERRUPTED', 'enough'));
    await result;
  });
});

describe('a sender in a later meeting', () => {
  test('offers only if it is asked, once over each stream, and sees that all is as it was', async () => {
    let looks = 0;
    const { comes, digest, notes, result } = await begun({
      generation: 3,
      verifyUnchanged: () => {
        looks++;
        return Promise.resolve();
      },
    });
    const far = await comes(0);
    await far.say({ type: 'manifest-request' });
    await expect.poll(() => kinds(far.heard)).toEqual(['manifest']);
    expect([notes, looks]).toEqual([[], 0]);
    await far.stream.send({ frame: 'have', ranges: new Ranges([[0, CHUNK]]) });
    await far.say({ type: 'accept', manifest: digest });
    await expect.poll(() => content(far)).toEqual([[CHUNK, LENGTH]]);
    expect(looks).toBe(1);
    await far.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
  });

  test('ends if something has changed, before anything of it is sent', async () => {
    const changed = new OnionferryError('ERR_SOURCE_CHANGED', 'changed');
    const { comes, digest, result } = await begun({
      generation: 1,
      verifyUnchanged: () => Promise.reject(changed),
    });
    const far = await comes(0);
    await far.say({ type: 'accept', manifest: digest });
    expect(await result).toBe(changed);
    expect(content(far)).toEqual([]);
  });

  test('does not look again in the first', async () => {
    const { comes, digest, result } = await begun({
      verifyUnchanged: () => Promise.reject(new Error('it was looked at')),
    });
    const far = await comes(0);
    await far.say({ type: 'accept', manifest: digest });
    far.acknowledges();
    await expect.poll(() => content(far)).toEqual(whole);
    await far.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
  });

  test('answers no second request, and none over another stream or after the acceptance', async () => {
    const ways = [
      async (far: FarEnd) => {
        await far.say({ type: 'manifest-request' });
        await far.say({ type: 'manifest-request' });
      },
      async (far: FarEnd, accept: Control) => {
        await far.say(accept);
        await far.say({ type: 'manifest-request' });
      },
      async (far: FarEnd, _: Control, comes: World['comes']) => {
        await far.say({ type: 'open-streams', streams: [1] });
        await (await comes(1)).say({ type: 'manifest-request' });
      },
    ];
    for (const says of ways) {
      const { comes, digest, result } = await begun({ generation: 1 });
      const far = await comes(0);
      says(far, { type: 'accept', manifest: digest }, comes).catch(() => undefined);
      expect(await result).toMatchObject(outOfTurn);
    }
  });

  test('answers a request when it may offer, and ends if it may not', async () => {
    const may = deferred<undefined>();
    may.promise.catch(() => undefined);
    const { comes, result } = await begun({ generation: 1, mayOffer: may.promise });
    const far = await comes(0);
    await far.say({ type: 'manifest-request' });
    may.reject(new OnionferryError('ERR_UNVERIFIED', 'no'));
    expect(await result).toMatchObject({ code: 'ERR_UNVERIFIED' });
    expect(kinds(far.heard)).not.toContain('manifest');
  });
});

describe('a sender to a recipient that takes whatever is offered', () => {
  test('sends behind the offer, once that is noted', async () => {
    const noted = deferred<undefined>();
    const { comes, digest, notes, result } = await begun({
      hasAgreed: true,
      onAgreed: () => noted.promise,
    });
    const far = await comes(0);
    await new Promise(setImmediate);
    expect([far.heard, notes]).toEqual([[], []]);
    noted.resolve(undefined);
    await expect.poll(() => kinds(far.heard).slice(0, 2)).toEqual(['manifest', 'data']);
    expect(notes).toEqual(['offered']);
    await far.say({ type: 'accept', manifest: digest });
    far.acknowledges();
    await expect.poll(() => content(far)).toEqual(whole);
    await far.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
    expect(notes).toEqual(['offered', 'accepted']);
    // Nothing was sent twice.
    const sizes = far.heard.map((message) =>
      message.frame === 'data' ? message.content.length : 0,
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(LENGTH);
  });

  test('sends nothing early in a later meeting, nor over streams that were added', async () => {
    const later = await begun({ hasAgreed: true, generation: 1 });
    const far = await later.comes(0);
    await far.say({ type: 'open-streams', streams: [1] });
    await later.comes(1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect([far.heard, later.notes]).toEqual([[], []]);
    const first = await begun({ hasAgreed: true, onAgreed: () => new Promise(() => undefined) });
    const lead = await first.comes(0);
    await lead.say({ type: 'open-streams', streams: [1] });
    const added = await first.comes(1);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(added.heard).toEqual([]);
  });

  test('sends again what was sent over a stream that broke before the acceptance', async () => {
    const { comes, digest, result } = await begun({ hasAgreed: true });
    const far = await comes(0);
    await expect.poll(() => kinds(far.heard)).toContain('data');
    far.stream.destroy();
    const second = await comes(2049);
    await expect.poll(() => kinds(second.heard)).toContain('data');
    await second.say({ type: 'accept', manifest: digest });
    second.acknowledges();
    await expect.poll(() => content(second)).toEqual(whole);
    await second.say(receipt(LENGTH));
    expect(await result).toEqual({ bytes: LENGTH, files: 1 });
  });
});

describe('a sender of what grows', () => {
  /** So much is there; more comes when the test says so. */
  class Growing implements Growth {
    length = CHUNK;
    isOver = false;
    released = 0;
    #more = deferred<number>();

    more(): Promise<number> {
      return this.#more.promise;
    }

    grows(bytes: number): void {
      const { resolve } = this.#more;
      this.#more = deferred<number>();
      this.length += bytes;
      this.isOver = bytes === 0;
      resolve(bytes);
    }

    release(position: number): void {
      this.released = position;
    }
  }

  test('sends what comes, lets go what is written, and says where it ends', async () => {
    const growth = new Growing();
    const { comes, digest, written, result } = await begun({ size: null, growth, hasAgreed: true });
    const far = await comes(0);
    await far.say({ type: 'accept', manifest: digest });
    await expect.poll(() => kinds(far.heard)).toContain('data');
    expect(written).toEqual([[0, null, undefined]]);
    far.acknowledges();
    await expect.poll(() => growth.released).toBe(CHUNK);
    expect(written.at(-1)).toEqual([CHUNK, null, CHUNK - 1]);
    growth.grows(500);
    await expect.poll(() => content(far)).toEqual([[0, CHUNK + 500]]);
    growth.grows(0);
    await expect.poll(() => kinds(far.heard).at(-1)).toBe('content-end');
    await far.say(receipt(CHUNK + 500));
    expect(await result).toEqual({ bytes: CHUNK + 500, files: 1 });
  });

  test.each<[string, Control[]]>([
    ['a receipt before its end', [receipt(CHUNK)]],
    ['a part of it', [{ type: 'accept', manifest: '', wanted: 1 }]],
    ['anything again', [{ type: 'resend', ranges: [[0, CHUNK]] }]],
  ])('takes no word of %s', async (_, says) => {
    const { comes, digest, result } = await begun({ size: null, growth: new Growing() });
    const far = await comes(0);
    for (const control of says) {
      if (control.type === 'accept') await far.say({ ...control, manifest: digest });
      else {
        await far.say({ type: 'accept', manifest: digest });
        far.say(control).catch(() => undefined);
      }
    }
    expect(await result).toMatchObject(outOfTurn);
  });

  test('ends when there is no more to be had of it', async () => {
    const failing: Growth = {
      ...{ length: 0, isOver: false, release: () => undefined },
      more: () => Promise.reject(new OnionferryError('ERR_SOURCE', 'gone')),
    };
    const { comes, digest, result } = await begun({ size: null, growth: failing });
    const far = await comes(0);
    await far.say({ type: 'accept', manifest: digest });
    expect(await result).toMatchObject({ code: 'ERR_SOURCE' });
  });
});
