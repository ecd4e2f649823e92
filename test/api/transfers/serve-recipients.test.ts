import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FerryEvent, TransferSummary } from '../../../src/api/events.js';
import { type Handle, start } from '../../../src/api/handle.js';
import { applyOptions, type Option, withKeep, withStallLimit } from '../../../src/api/options.js';
import type { RelayHost } from '../../../src/api/transfers/relay-host.js';
import { serveRecipients } from '../../../src/api/transfers/serve-recipients.js';
import { deferred } from '../../../src/base/deferred.js';
import { type ErrorCode, OnionferryError } from '../../../src/base/errors.js';
import { parsePassword } from '../../../src/pake/password.js';
import type { RelayServer } from '../../../src/relay/server/start-relay.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { Destination } from '../../../src/session/receiving/destination.js';
import {
  type ReceiveTransferOptions,
  receiveTransfer,
} from '../../../src/session/receiving/receive-transfer.js';
import type { Reconnect } from '../../../src/session/reconnecting/reconnect.js';
import { textDestination } from '../../../src/transfer/destination/stream-destination.js';
import { textSource } from '../../../src/transfer/source/stream-source.js';
import { connected, farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { recipientSide } from '../../session/support/both-sides.js';
import { ONION, recipientAt } from '../../session/support/parties.js';

const PASSWORD = parsePassword('front-door-three-good-words');
const TEXT = 'the same for everybody';

interface Sender {
  readonly relay: RelayServer;
  readonly handle: Handle<TransferSummary>;
  readonly events: FerryEvent[];
  /** Resolves when such an event was told. */
  told(wanted: Partial<FerryEvent>): Promise<FerryEvent>;
}

/** A sender of a text with a relay of its own, but without Tor. */
async function sender(...options: Option[]): Promise<Sender> {
  return await senderThrough((client) => client, ...options);
}

/** @param clientOf what it sees of its relay */
async function senderThrough(
  clientOf: (client: RelayClient) => RelayClient,
  ...options: Option[]
): Promise<Sender> {
  const relay = await runningRelay();
  const settings = applyOptions(options);
  const host: RelayHost = {
    onion: ONION,
    client: clientOf(relay.local),
    renewCircuits: () => undefined,
    wake: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const source = textSource(TEXT);
  const events: FerryEvent[] = [];
  const waiting = new Set<() => void>();
  const handle = start((work) =>
    serveRecipients({
      ...{ relay: host, password: PASSWORD, isMuch: false, settings, work },
      offer: () => ({ source }),
    }),
  ).onEvent((event) => {
    events.push(event);
    for (const look of waiting) look();
  });
  onTestFinished(() => handle.close());
  const told = (wanted: Partial<FerryEvent>): Promise<FerryEvent> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = events.find((event) =>
          Object.entries(wanted).every(([name, value]) => Reflect.get(event, name) === value),
        );
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      look();
      void handle.done.then(look, reject);
    });
  await told({ event: 'online' });
  return { relay, handle, events, told };
}

interface Guest {
  /** What it received */
  readonly text: Promise<string>;
  /** Resolves when it was asked whether it accepts. */
  readonly asked: Promise<void>;
  /** As if its process or its network had gone */
  vanish(): void;
}

/** A recipient with the right words. @param accept decides on the offer */
function guest(
  { relay }: Sender,
  accept: () => Promise<void> = () => Promise.resolve(),
  again: (access: RelayClient) => Partial<ReceiveTransferOptions> = () => ({}),
  write?: Destination['write'],
): Guest {
  const sockets = new Set<Socket>();
  const access = farAccess(relay, {
    dial: async ({ first }) => {
      const socket = await connected(relay.streamSocket, first);
      sockets.add(socket);
      return socket;
    },
  });
  const asked = deferred<undefined>();
  const receive = async (): Promise<string> => {
    const meeting = await recipientAt(access, {
      channel: PASSWORD.access,
      words: PASSWORD.words,
    });
    let text = '';
    await receiveTransfer({
      ...recipientSide(access, meeting),
      ...again(access),
      accept: async (manifest): Promise<Destination> => {
        asked.resolve(undefined);
        await accept();
        const shown = textDestination(manifest, (all) => {
          text = all;
        });
        return write === undefined ? shown : { ...shown, write };
      },
    });
    return text;
  };
  const text = receive();
  text.catch(() => undefined);
  return {
    text,
    asked: asked.promise,
    vanish(): void {
      for (const socket of sockets) socket.destroy();
    },
  };
}

/** It never looks for the sender again. */
const gone: Reconnect = {
  meet: () => Promise.reject(new OnionferryError('ERR_PEER_GONE', 'it does not come back')),
  close: () => Promise.resolve(),
};

function declining(code: ErrorCode): () => Promise<void> {
  return () => Promise.reject(new OnionferryError(code, 'no'));
}

describe('a sender with --keep', () => {
  test('serves several side by side, each with its own number', async () => {
    const one = await sender(withKeep());
    const held = deferred<undefined>();
    const first = guest(one, () => held.promise);
    await first.asked;
    // The others are served while the first one is still being asked.
    const others = [guest(one), guest(one)];
    expect(await Promise.all(others.map(({ text }) => text))).toEqual([TEXT, TEXT]);
    held.resolve(undefined);
    expect(await first.text).toBe(TEXT);
    for (const recipient of [1, 2, 3]) {
      await one.told({ event: 'peer', state: 'authenticated', recipient });
      await one.told({ event: 'done', recipient });
    }
    expect(one.events.filter(({ event }) => event === 'online')).toHaveLength(1);
    await one.handle.close();
    await expect(one.handle.done).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
  });

  test('goes on serving the others when one vanishes, and that one comes back beside them', async () => {
    const one = await sender(withKeep());
    const held = deferred<undefined>();
    const vanishing = guest(one, () => held.promise);
    await vanishing.asked;
    vanishing.vanish();
    expect(await guest(one).text).toBe(TEXT);
    held.resolve(undefined);
    expect(await vanishing.text).toBe(TEXT);
    await one.told({ event: 'done', recipient: 1 });
  });

  test('leaves one that takes nothing, and goes on', async () => {
    const one = await sender(withKeep(), withStallLimit(1_000));
    const never = new Promise<void>(() => undefined);
    const stuck = guest(
      one,
      () => Promise.resolve(),
      () => ({ reconnect: gone }),
      () => never,
    );
    await one.told({ event: 'warning', recipient: 1 });
    expect(await guest(one).text).toBe(TEXT);
    stuck.vanish();
  });

  test('serves those who are here to the end when its relay lets nobody else in', async () => {
    let isShut = false;
    const refuse = (): void => {
      if (isShut) throw new OnionferryError('ERR_PASSWORD', 'the relay has another password now');
    };
    const one = await senderThrough(
      (client) => ({
        join: async (...call) => {
          refuse();
          return await client.join(...call);
        },
        channel: async (...call) => {
          refuse();
          return await client.channel(...call);
        },
        dialStream: (...call) => client.dialStream(...call),
        openStream: (...call) => client.openStream(...call),
        close: () => client.close(),
        [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
      }),
      withKeep(),
    );
    const held = deferred<undefined>();
    const here = guest(one, () => held.promise);
    await here.asked;
    isShut = true;
    // Something for the sender to look at.
    const late = guest(one);
    await one.told({ event: 'warning' });
    held.resolve(undefined);
    expect(await here.text).toBe(TEXT);
    expect(await one.handle.done).toMatchObject({ bytes: TEXT.length });
    late.vanish();
  });

  test('says which recipient has declined, and goes on', async () => {
    const one = await sender(withKeep());
    await expect(guest(one, declining('ERR_REFUSED')).text).rejects.toThrow();
    await one.told({ event: 'peer', state: 'left', recipient: 1 });
    await one.told({ event: 'warning', recipient: 1 });
    expect(await guest(one).text).toBe(TEXT);
  });
});

describe('a sender for one recipient', () => {
  test('serves the first that knows the words, and the second hears that at once', async () => {
    const one = await sender();
    const held = deferred<undefined>();
    const first = guest(one, () => held.promise);
    await first.asked;
    await expect(guest(one).text).rejects.toMatchObject({
      code: 'ERR_CHANNEL_FULL',
      message: expect.stringContaining('somebody else is receiving this') as string,
    });
    held.resolve(undefined);
    expect(await first.text).toBe(TEXT);
    expect(await one.handle.done).toMatchObject({ files: 0, bytes: TEXT.length });
    expect(JSON.stringify(one.events)).not.toContain('"recipient"');
  });

  test.each([
    ['ERR_REFUSED', /declined/],
    ['ERR_DESTINATION', /could not write/],
    ['ERR_DISK_FULL', /disk is full/],
    ['ERR_CONFLICT', /could not write/],
    ['ERR_HOSTILE_NAME', /unsafe/],
    ['ERR_TOO_LARGE', /cannot hold/],
    ['ERR_INTERRUPTED', /cancelled/],
    ['ERR_INTERNAL', /failed/],
  ] as const)('waits for the next when one ends it with %s', async (code, sentence) => {
    const one = await sender();
    await expect(guest(one, declining(code)).text).rejects.toMatchObject({ code });
    await one.told({ event: 'peer', state: 'left' });
    const warning = await one.told({ event: 'warning' });
    expect(warning).toMatchObject({ message: expect.stringMatching(sentence) as string });
    expect(await guest(one).text).toBe(TEXT);
    await one.handle.done;
  });

  test('lets the next in when one has vanished before it has accepted', async () => {
    const one = await sender();
    const vanished = guest(
      one,
      () => new Promise(() => undefined),
      () => ({ reconnect: gone }),
    );
    await vanished.asked;
    vanished.vanish();
    await one.told({ event: 'waiting', reason: 'the recipient has gone without an answer' });
    expect(await guest(one).text).toBe(TEXT);
    expect(await one.handle.done).toMatchObject({ bytes: TEXT.length });
  });

  test('serves one that vanished and came back, if nobody else was quicker', async () => {
    const one = await sender();
    const held = deferred<undefined>();
    const vanishing = guest(one, () => held.promise);
    await vanishing.asked;
    vanishing.vanish();
    await one.told({ event: 'waiting', reason: 'the recipient has gone without an answer' });
    held.resolve(undefined);
    expect(await vanishing.text).toBe(TEXT);
    await one.handle.done;
  });
});
