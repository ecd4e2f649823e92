import { readdirSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { OPEN } from '../../../src/api/door.js';
import { start } from '../../../src/api/handle.js';
import { withDataDir } from '../../../src/api/options.js';
import { withOutput } from '../../../src/api/receive-options.js';
import { applyOptions } from '../../../src/api/settings.js';
import { receiveFiles } from '../../../src/api/transfers/receive-files.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { connected, farAccess } from '../../relay/support/running-relay.js';
import { altered } from '../../session/support/altered-access.js';
import { ONION, recipientAt } from '../../session/support/parties.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { PASSWORD, senderOfFile } from './sender-and-guests.js';

type Recorded = Readonly<Record<string, unknown>>;

interface Recipient {
  readonly directory: string;
  readonly done: Promise<unknown>;
  /** What a process would find that is started now. */
  readonly recorded: () => Recorded | undefined;
  /** As if its network had gone. */
  readonly vanish: () => void;
}

/** What `receive` does once it has met the sender. @param seen what it sees of the relay */
async function recipient(
  seen: (access: RelayClient, recorded: Recipient['recorded']) => RelayClient = (access) => access,
): Promise<Recipient> {
  const { one } = await senderOfFile();
  const sockets = new Set<Socket>();
  const dataDir = await temporaryDirectory();
  const recorded = (): Recorded | undefined => recordIn(join(dataDir, 'transfers'));
  const access = farAccess(one.relay, {
    dial: async ({ first }) => {
      const socket = await connected(one.relay.streamSocket, first);
      sockets.add(socket);
      return socket;
    },
  });
  const { access: channel, words } = PASSWORD;
  const meeting = await recipientAt(access, { channel, words });
  const directory = await temporaryDirectory();
  const relay = {
    onion: ONION,
    door: OPEN,
    client: seen(access, recorded),
    renewCircuits: () => undefined,
    wake: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const handle = start((work) =>
    receiveFiles({
      ...{ relay, access: channel, channel, curve: 'p256', generation: 0, work },
      resumption: meeting.keys.resumption,
      met: { meeting, generation: 0 },
      settings: applyOptions([withOutput(directory), withDataDir(dataDir)]),
    }),
  );
  onTestFinished(() => handle.close());
  return {
    directory,
    done: handle.done,
    recorded,
    vanish() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

function recordIn(folder: string): Recorded | undefined {
  try {
    const name = readdirSync(folder).find((each) => /^[0-9a-f]{24}\.json$/.test(each));
    if (name === undefined) return undefined;
    return JSON.parse(readFileSync(join(folder, name), 'utf8')) as Recorded; // as it was written
  } catch {
    return undefined; // removed meanwhile
  }
}

/** Looks in each turn of the event loop, so that nothing is missed that takes several. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise(setImmediate);
}

test('a recipient notes where it meets the sender again before it answers there', async () => {
  const noted: unknown[] = [];
  const { directory, done, vanish } = await recipient((access, now) =>
    altered(access, {
      channel: async (request, options) => {
        if (request.y !== undefined) noted.push(now()?.['generation']);
        return await access.channel(request, options);
      },
    }),
  );
  // Content has come, so there is a record, and no receipt has left.
  await until(() =>
    readdirSync(directory, { recursive: true, encoding: 'utf8' }).some((name) =>
      /note$/.test(name),
    ),
  );
  vanish();
  await done;
  expect(noted).toEqual([1]);
});

test('a recipient that has all files notes that, until the sender knows', async () => {
  const { directory, done, recorded } = await recipient();
  await until(() => recorded()?.['complete'] !== undefined);
  expect(readdirSync(directory)).toContain('note');
  expect(recorded()?.['complete']).toMatchObject({ files: [{ path: 'note' }], warnings: [] });
  await done;
  expect(recorded()).toBeUndefined();
});
