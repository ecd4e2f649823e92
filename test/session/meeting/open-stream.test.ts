import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { randomBytes } from '../../../src/base/bytes.js';
import { type Deferred, deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { DuplexChannel } from '../../../src/relay/duplex-channel.js';
import type {
  RelayClient,
  RelayStream,
  StreamAddress,
  StreamDial,
} from '../../../src/relay-protocol/relay-client.js';
import { DialledAhead } from '../../../src/session/circuits/dialled-ahead.js';
import type { SecureStream } from '../../../src/session/conversation/secure-stream.js';
import { openStream, type StreamOptions } from '../../../src/session/meeting/open-stream.js';
import type { ByteChannel } from '../../../src/stream/byte-channel.js';
import { nodePrimitives } from '../../../src/transfer/node-primitives.js';
import { socketPair } from '../../support/socket-pair.js';
import { secureStream } from '../support/ends.js';
import { named } from '../support/scripted-relay.js';

beforeEach(() => {
  // The sockets between the ends go on.
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => void vi.useRealTimers());

const key = randomBytes(32);

interface World {
  readonly root: Deferred<Uint8Array>;
  /** Settled by the test, as the relay would. */
  readonly channel: Deferred<ByteChannel>;
  readonly addressed: StreamAddress[];
  readonly dials: (StreamDial | undefined)[];
  isDestroyed: boolean;
  readonly options: StreamOptions;
  /** The relay joins the two. @returns the other side's end */
  readonly joins: () => Promise<SecureStream>;
}

function world(more: Partial<StreamOptions> = {}): World {
  const channel = deferred<ByteChannel>();
  const addressed: StreamAddress[] = [];
  const dials: World['dials'] = [];
  const stream: RelayStream = {
    channel: channel.promise,
    destroy: () => {
      made.isDestroyed = true;
    },
  };
  // Nothing else is asked of it.
  const relay = {
    openStream: (address: StreamAddress, dial?: StreamDial) => {
      addressed.push(address);
      dials.push(dial);
      return Promise.resolve(stream);
    },
    dialStream: (dial?: StreamDial) => {
      dials.push(dial);
      const hello = (address: StreamAddress): RelayStream => {
        addressed.push(address);
        return stream;
      };
      return Promise.resolve({ hello, destroy: () => undefined });
    },
  } as unknown as RelayClient;
  const root = deferred<Uint8Array>();
  const options: StreamOptions = {
    ...{ relay, primitives: nodePrimitives, channel: 'front-door', uuid: named('me') },
    circuits: (number) => `circuit ${number}`,
    role: 'recipient',
    root: root.promise,
    ...more,
  };
  const joins = async (): Promise<SecureStream> => {
    const [near, far] = await socketPair();
    channel.resolve(new DuplexChannel(near));
    const other = secureStream(far, 'sender', Promise.resolve(key), 4);
    onTestFinished(() => {
      other.destroy();
      near.destroy();
    });
    return other;
  };
  const made: World = { root, channel, addressed, dials, isDestroyed: false, options, joins };
  return made;
}

interface Outcome {
  stream?: SecureStream;
  failure?: unknown;
}

function opened({ options }: World): Outcome {
  const outcome: Outcome = {};
  openStream(options, 4).then(
    (stream) => (outcome.stream = stream),
    (failure: unknown) => (outcome.failure = failure),
  );
  return outcome;
}

const address = { channel: 'front-door', uuid: 'me', stream: 4 };
const keepalive = { frame: 'control', control: { type: 'keepalive' } } as const;

describe('a stream of a meeting', () => {
  test('goes over its own circuit, and stands when the other side is there and proved', async () => {
    const { signal } = new AbortController();
    const there = world({ signal });
    const outcome = opened(there);
    const other = await there.joins();
    there.root.resolve(key);
    await expect.poll(() => outcome.stream).toBeDefined();
    expect(there.addressed).toEqual([address]);
    expect(there.dials).toEqual([{ isolation: 'circuit 4', signal }]);
    expect(outcome.stream?.stream).toBe(4);
    await outcome.stream?.send(keepalive);
    expect((await other.messages().next()).value).toEqual(keepalive);
    expect(there.isDestroyed).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('takes the connection that was dialled for it, and no other', async () => {
    for (const number of [4, 5]) {
      const there = world();
      const { relay, circuits } = there.options;
      const ahead = new DialledAhead({ relay, circuits });
      ahead.dial(number);
      await vi.advanceTimersByTimeAsync(0);
      const outcome = opened({ ...there, options: { ...there.options, ahead } });
      await there.joins();
      there.root.resolve(key);
      await expect.poll(() => outcome.stream).toBeDefined();
      expect(there.dials).toHaveLength(number === 4 ? 1 : 2);
      expect(there.addressed).toEqual([address]);
      ahead.release();
    }
  });

  test('waits for any time until the other side has proved itself, then half a minute', async () => {
    const there = world();
    const outcome = opened(there);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(outcome).toEqual({});
    there.root.resolve(key);
    await vi.advanceTimersByTimeAsync(29_999);
    expect(outcome).toEqual({});
    await vi.advanceTimersByTimeAsync(1);
    expect(outcome.failure).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(there.isDestroyed).toBe(true);
    const soon = world({ establishMs: 500 });
    const other = opened(soon);
    soon.root.resolve(key);
    await vi.advanceTimersByTimeAsync(500);
    expect(other.failure).toMatchObject({ code: 'ERR_PEER_GONE' });
  });

  test('is not there before the other side has said something', async () => {
    const there = world();
    const outcome = opened(there);
    const [near, far] = await socketPair();
    onTestFinished(() => void far.destroy());
    there.channel.resolve(new DuplexChannel(near));
    there.root.resolve(key);
    await expect.poll(() => far.readableLength).toBeGreaterThan(0);
    await vi.advanceTimersByTimeAsync(29_000);
    expect(outcome).toEqual({});
    await vi.advanceTimersByTimeAsync(1_000);
    expect(outcome.failure).toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(there.isDestroyed).toBe(true);
  });

  test.each([
    'root',
    'channel',
    'signal',
  ] as const)('is given up when it fails: %s', async (how) => {
    const ending = new AbortController();
    const there = world({ signal: ending.signal });
    const outcome = opened(there);
    await vi.advanceTimersByTimeAsync(0);
    const reason = new OnionferryError('ERR_RELAY', 'no');
    if (how === 'signal') ending.abort(reason);
    else if (how === 'root') there.root.reject(reason);
    else {
      there.channel.reject(reason);
      await vi.advanceTimersByTimeAsync(1_000);
      expect(outcome).toEqual({});
      there.root.resolve(key);
    }
    await vi.advanceTimersByTimeAsync(0);
    expect(outcome.failure).toBe(reason);
    expect(there.isDestroyed).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });
});
