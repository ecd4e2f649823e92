import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { OPEN } from '../../../src/api/door.js';
import type { FerryEvent, TransferSummary } from '../../../src/api/events.js';
import { type Handle, start, untilSuspended } from '../../../src/api/handle.js';
import { withDataDir, withKeep } from '../../../src/api/options.js';
import { type AnyOption, applyOptions } from '../../../src/api/settings.js';
import type { Offered, ServeRecipientsOptions } from '../../../src/api/transfers/offered.js';
import type { RelayHost } from '../../../src/api/transfers/relay-host.js';
import { serveRecipients } from '../../../src/api/transfers/serve-recipients.js';
import { untilAborted } from '../../../src/base/deadline.js';
import { deferred } from '../../../src/base/deferred.js';
import { type ErrorCode, OnionferryError } from '../../../src/base/errors.js';
import { silentLogger } from '../../../src/base/logger.js';
import { type Password, parsePassword } from '../../../src/pake/password.js';
import type { RelayServer } from '../../../src/relay/server/start-relay.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import type { Destination } from '../../../src/session/receiving/destination.js';
import {
  type ReceiveTransferOptions,
  receiveTransfer,
} from '../../../src/session/receiving/receive-transfer.js';
import type { Reconnect } from '../../../src/session/reconnecting/reconnect.js';
import { textDestination } from '../../../src/transfer/destination/stream-destination.js';
import { openRecords, type Records } from '../../../src/transfer/record/records.js';
import { fileSource } from '../../../src/transfer/source/file-source.js';
import { textSource } from '../../../src/transfer/source/stream-source.js';
import { connected, farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { recipientSide } from '../../session/support/both-sides.js';
import { ONION, recipientAt } from '../../session/support/parties.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

export const PASSWORD: Password = parsePassword('front-door-three-good-words');
export const TEXT = 'the same for everybody';
export const NOTHING: TransferSummary = { bytes: 0, files: 0, seconds: 0, circuits: 0 };

interface Sender {
  readonly relay: RelayServer;
  readonly handle: Handle<TransferSummary>;
  readonly events: FerryEvent[];
  /** Resolves when such an event was told. */
  told(wanted: Partial<FerryEvent>): Promise<FerryEvent>;
}

/** A sender of a text with a relay of its own, but without Tor. */
export async function sender(...options: AnyOption[]): Promise<Sender> {
  return await senderWith({}, ...options);
}

interface Given extends Partial<ServeRecipientsOptions> {
  /** What it sees of its relay */
  readonly clientOf?: (client: RelayClient) => RelayClient;
}

export async function senderWith(
  { clientOf = (client) => client, ...given }: Given,
  ...options: AnyOption[]
): Promise<Sender> {
  const relay = await runningRelay();
  const settings = applyOptions(options);
  const host: RelayHost = {
    onion: ONION,
    door: OPEN,
    client: clientOf(relay.local),
    renewCircuits: () => undefined,
    wake: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const source = textSource(TEXT);
  const events: FerryEvent[] = [];
  const waiting = new Set<() => void>();
  const handle = start((work) => {
    const serving = serveRecipients({
      ...{ relay: host, password: PASSWORD, isMuch: false, settings, work },
      offer: () => ({ source }),
      ...given,
    });
    return settings.keep ? untilSuspended(work, serving, () => NOTHING) : serving;
  }).onEvent((event) => {
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

export const RULES = { skipUnreadable: false, mayGrow: false, xattrs: false };

/** A sender with --keep of a file, each transfer of which has a record. */
export async function senderOfFile(
  given: Given = {},
): Promise<{ readonly one: Sender; readonly records: Records }> {
  const dataDir = await temporaryDirectory();
  const path = join(await temporaryDirectory(), 'note');
  await writeFile(path, TEXT);
  const source = await fileSource([path], {});
  onTestFinished(() => source[Symbol.asyncDispose]());
  const relay = { kind: 'other', onion: ONION, access: PASSWORD.access } as const;
  const origin = { relay, paths: [path], source, keep: RULES };
  const offer = (): Offered => ({ source, origin });
  const one = await senderWith({ offer, ...given }, withKeep(), withDataDir(dataDir));
  return { one, records: await openRecords(dataDir, silentLogger) };
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
export function guest(
  { relay }: Sender,
  accept: () => Promise<void> = () => Promise.resolve(),
  again: (access: RelayClient) => Partial<ReceiveTransferOptions> = () => ({}),
  own: Partial<Destination> = {},
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
      accept: async (manifest, _, over): Promise<Destination> => {
        asked.resolve(undefined);
        await untilAborted(accept(), over);
        const shown = textDestination(manifest, (all) => {
          text = all;
        });
        return { ...shown, ...own };
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
export const gone: Reconnect = {
  meet: () => Promise.reject(new OnionferryError('ERR_PEER_GONE', 'it does not come back')),
  close: () => Promise.resolve(),
};

export function authentications({ events }: Sender): number {
  return events.filter(
    ({ event, ...of }) => event === 'peer' && Reflect.get(of, 'state') === 'authenticated',
  ).length;
}

/** Those that it has told, in order */
export function passwords({ events }: Sender): unknown[] {
  return events.flatMap((event) => (event.event === 'online' ? [event.password] : []));
}

export function declining(code: ErrorCode): () => Promise<void> {
  return () => Promise.reject(new OnionferryError(code, 'no'));
}
