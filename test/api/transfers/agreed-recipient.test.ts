import { randomBytes } from 'node:crypto';
import { cp, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { OPEN } from '../../../src/api/door.js';
import { start } from '../../../src/api/handle.js';
import { withDataDir } from '../../../src/api/options.js';
import { applyOptions } from '../../../src/api/settings.js';
import type { Offered } from '../../../src/api/transfers/offered.js';
import { sendFiles } from '../../../src/api/transfers/send-files.js';
import { deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { silentLogger } from '../../../src/base/logger.js';
import type { RelayServer } from '../../../src/relay/server/start-relay.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import {
  type ReceiveTransferOptions,
  receiveTransfer,
} from '../../../src/session/receiving/receive-transfer.js';
import { openRecords } from '../../../src/transfer/record/records.js';
import { fileSource, resumedSource } from '../../../src/transfer/source/file-source.js';
import { farAccess, runningRelay } from '../../relay/support/running-relay.js';
import { recipientSide } from '../../session/support/both-sides.js';
import { into } from '../../session/support/carry.js';
import { ONION, recipientAt, senderAt } from '../../session/support/parties.js';
import { switched } from '../../session/support/switched-access.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { PASSWORD, senderWith } from './sender-and-guests.js';

const CONTENT = randomBytes(900_000);
const { access: channel, words } = PASSWORD;

interface Offering {
  readonly relay: RelayServer;
  readonly transfers: string;
  readonly sender: Awaited<ReturnType<typeof senderWith>>;
}

/** A sender of a file to one recipient, that notes what a later process needs. */
async function offering(): Promise<Offering> {
  const dataDir = await temporaryDirectory();
  const path = join(await temporaryDirectory(), 'file');
  await writeFile(path, CONTENT);
  const offer = async (): Promise<Offered> => {
    const source = await fileSource([path]);
    const relay = { kind: 'other', onion: ONION, access: channel } as const;
    const release = async (): Promise<void> => await source[Symbol.asyncDispose]();
    return { source, origin: { relay, paths: [path], source }, release };
  };
  const sender = await senderWith({ offer }, withDataDir(dataDir));
  return { relay: sender.relay, sender, transfers: join(dataDir, 'transfers') };
}

/** What a process that is started now would resume. */
async function recorded(transfers: string): Promise<string[]> {
  const names = await readdir(transfers).catch(() => []);
  return names.filter((name) => /^[0-9a-f]{24}\.json$/.test(name));
}

interface Agreed {
  readonly receive: (
    options: Pick<ReceiveTransferOptions, 'accept' | 'signal'>,
  ) => Promise<unknown>;
}

/** A recipient that takes whatever it is offered. @param seen what it sees of the relay */
function agreeing(relay: RelayServer, seen = (access: RelayClient) => access): Agreed {
  const access = seen(farAccess(relay));
  return {
    receive(options) {
      const receiving = recipientAt(access, { channel, words, agrees: true }).then((meeting) =>
        receiveTransfer({ ...recipientSide(access, meeting), ...options }),
      );
      // Awaited once what is to happen meanwhile has happened.
      receiving.catch(() => undefined);
      return receiving;
    },
  };
}

/** A recipient that knows the offer, and has to end before it says anything to it. */
async function leaving(relay: RelayServer, meanwhile?: () => Promise<void>): Promise<void> {
  const suspending = new AbortController();
  const suspended = new OnionferryError('ERR_SUSPENDED', 'its process has to end');
  const receiving = agreeing(relay).receive({
    signal: suspending.signal,
    accept: async () => {
      await meanwhile?.();
      suspending.abort(suspended);
      throw suspended;
    },
  });
  await expect(receiving).rejects.toBe(suspended);
}

describe('a sender that is killed', () => {
  test.each([
    'knows the offer',
    'has written the first of it',
    'has all of it',
  ] as const)('when a recipient with --yes %s is followed by one that serves it', async (moment) => {
    const { relay, transfers } = await offering();
    const later = await temporaryDirectory();
    const other = await runningRelay();
    const way = deferred<ReturnType<typeof switched>>();
    /** Nothing that the first process does from now on is seen by anybody. */
    const kill = async (): Promise<void> => {
      await cp(transfers, join(later, 'transfers'), { recursive: true });
      (await way.promise).to(farAccess(other));
      await relay.close();
    };
    const { receive } = agreeing(relay, (access) => {
      const switching = switched(access);
      way.resolve(switching);
      return switching.access;
    });
    const killed = deferred<undefined>();
    let isKilled = false;
    const at = async (now: typeof moment): Promise<void> => {
      if (now !== moment || isKilled) return;
      isKilled = true;
      await kill();
      killed.resolve(undefined);
    };
    const directory = await temporaryDirectory();
    const receiving = receive({
      accept: async (manifest) => {
        await at('knows the offer');
        const destination = await into(directory)(manifest);
        const write = destination.write.bind(destination);
        const finish = destination.finish.bind(destination);
        return Object.assign(destination, {
          write: async (...given: Parameters<typeof write>) => {
            await write(...given);
            await at('has written the first of it');
          },
          finish: async (...given: Parameters<typeof finish>) => {
            const received = await finish(...given);
            await at('has all of it');
            return received;
          },
        });
      },
    });
    await killed.promise;
    const records = await openRecords(later, silentLogger);
    const resumed = start(async (work) => {
      const record = await records.find('sender');
      if (record === undefined) throw new Error('the recipient was not noted');
      await using source = resumedSource(record.content);
      const { curve, resumption, generation } = record.record;
      const host = {
        onion: ONION,
        door: OPEN,
        client: other.local,
        renewCircuits: () => undefined,
      };
      return await sendFiles({
        ...{ channel, curve, generation, source, record, work },
        relay: { ...host, wake: () => Promise.resolve() },
        resumption: new Uint8Array(Buffer.from(resumption, 'base64url')),
        settings: applyOptions([withDataDir(later)]),
      });
    });
    onTestFinished(() => resumed.close());
    expect(await resumed.done).toMatchObject({ bytes: CONTENT.length });
    await receiving;
    expect(await recorded(join(later, 'transfers'))).toEqual([]);
  });
});

describe('of a recipient with --yes that was not heard to accept', () => {
  test('nothing is kept once it stays away', async () => {
    const relay = await runningRelay();
    const dataDir = await temporaryDirectory();
    const path = join(await temporaryDirectory(), 'file');
    await writeFile(path, CONTENT);
    await using source = await fileSource([path]);
    const waiting = await senderAt(relay.local, { channel, words });
    const noted: string[] = [];
    const left = leaving(relay, async () => {
      noted.push(...(await recorded(join(dataDir, 'transfers'))));
    });
    const meeting = await waiting.meet();
    const { resumption } = meeting.keys;
    const host = { onion: ONION, door: OPEN, client: relay.local, renewCircuits: () => undefined };
    const sending = start((work) =>
      sendFiles({
        ...{ channel, curve: 'p256', generation: 0, source, resumption, meeting, work },
        relay: { ...host, wake: () => Promise.resolve() },
        origin: { relay: { kind: 'other', onion: ONION, access: channel }, paths: [path], source },
        awayMaxMs: 100,
        settings: applyOptions([withDataDir(dataDir)]),
      }),
    );
    await expect(sending.done).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
    await left;
    expect(noted).toHaveLength(1);
    expect(await recorded(join(dataDir, 'transfers'))).toEqual([]);
    await waiting.close();
  });

  test('nothing is kept once another one has accepted', async () => {
    const { relay, transfers, sender } = await offering();
    await leaving(relay);
    const before = await recorded(transfers);
    expect(before).toHaveLength(1);
    await sender.told({ event: 'waiting' });
    const directory = await temporaryDirectory();
    const seen: string[][] = [];
    await agreeing(relay).receive({
      accept: async (manifest) => {
        const destination = await into(directory)(manifest);
        const write = destination.write.bind(destination);
        return Object.assign(destination, {
          write: async (...given: Parameters<typeof write>) => {
            await expect.poll(() => recorded(transfers)).not.toContain(before[0]);
            seen.push(await recorded(transfers));
            await write(...given);
          },
        });
      },
    });
    expect(seen[0]).toHaveLength(1);
    await sender.told({ event: 'done' });
  });
});
