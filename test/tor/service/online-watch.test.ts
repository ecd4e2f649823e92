import type { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { silentLogger } from '../../../src/base/logger.js';
import { createIdentity } from '../../../src/onion/identity.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import {
  OnlineWatch,
  PUBLISH_DEADLINE_MS,
  type WatchOptions,
} from '../../../src/tor/service/online-watch.js';
import { startControlServer } from '../control/control-server.js';

const { address } = createIdentity();
const name = address.replace(/\.onion$/, '');

/** A tor that answers HSFETCH with `fetched`, and tells of `name` what it is told to. */
async function startFakeTor(fetched: (directory: string) => string): Promise<{
  readonly fake: Awaited<ReturnType<typeof startControlServer>>;
  readonly connection: ControlConnection;
  readonly tell: (...events: string[]) => void;
  readonly watch: (options?: Partial<WatchOptions>) => Promise<OnlineWatch>;
}> {
  let tor: Socket | undefined;
  const fake = await startControlServer((command, socket) => {
    tor = socket;
    const [, directory] = /^hsfetch \w{56} SERVER=(\S+)$/.exec(command) ?? [];
    return directory === undefined ? '250 OK\n' : fetched(directory);
  });
  const connection = await ControlConnection.connect(fake.endpoint);
  return {
    ...{ fake, connection },
    tell: (...events) => {
      for (const event of events) tor?.write(`650 HS_DESC ${event}\r\n`);
    },
    watch: (options) => OnlineWatch.begin(connection, { logger: silentLogger, ...options }),
  };
}

function created(...keys: string[]): string[] {
  return keys.map((key) => `CREATED ${name} UNKNOWN UNKNOWN ${key}`);
}

function upload(directory: string, key: string): string {
  return `UPLOAD ${name} UNKNOWN $${directory}~x ${key} HSDIR_INDEX=00`;
}

function uploaded(directory: string): string {
  return `UPLOADED ${name} UNKNOWN $${directory}~x`;
}

test('a service that can be found is waited for until every directory has answered', async () => {
  const { fake, connection, tell, watch: begin } = await startFakeTor(() => '250 OK\n');
  await using _ = fake;
  const told: number[] = [];
  using watch = await begin({ onUploaded: (count) => void told.push(count) });
  let isOnline = false;
  const online = watch.untilOnline(address).then(() => {
    isOnline = true;
  });
  tell(...created('one', 'two'));
  for (const key of ['one', 'two']) tell(upload(`A${key}`, key), upload(`B${key}`, key));
  tell(uploaded('Aone'), uploaded('Atwo'));
  await connection.send('GETINFO version');
  expect([told, isOnline]).toEqual([[1, 2], false]);
  tell(uploaded('Bone'), uploaded('Btwo'));
  await online;
  connection.close();
});

test('a directory is asked at once when the answers to all uploads leave it open', async () => {
  const {
    fake,
    connection,
    tell,
    watch: begin,
  } = await startFakeTor((directory) =>
    [
      '250 OK',
      `650 HS_DESC REQUESTED ${name} NO_AUTH ${directory} two HSDIR_INDEX=00`,
      `650 HS_DESC RECEIVED ${name} NO_AUTH ${directory} two`,
      '',
    ].join('\n'),
  );
  await using _ = fake;
  // It is not what the watch waits for here.
  using watch = await begin({ askEveryMs: 1_000_000 });
  tell(...created('one', 'two'), upload('A', 'one'), upload('A', 'two'));
  // tor drops those and uploads again, within the same second.
  tell(upload('A', 'one'), upload('A', 'two'));
  for (const key of ['one', 'two']) {
    tell(`FAILED ${name} NO_AUTH $A~x ${key} REASON=UPLOAD_REJECTED`);
  }
  await watch.untilOnline(address);
  expect(fake.commands.at(-1)).toBe(`hsfetch ${name} SERVER=$A`);
  connection.close();
});

test('directories are asked in turn while uploads stay unanswered', async () => {
  const asked: string[] = [];
  const {
    fake,
    connection,
    tell,
    watch: begin,
  } = await startFakeTor((directory) => {
    asked.push(directory);
    const requested = `650 HS_DESC REQUESTED ${name} NO_AUTH ${directory} two HSDIR_INDEX=00`;
    const received = `650 HS_DESC RECEIVED ${name} NO_AUTH ${directory} two`;
    return ['250 OK', requested, ...(directory === '$B' ? [received] : []), ''].join('\n');
  });
  await using _ = fake;
  using watch = await begin({ askEveryMs: 20 });
  tell(...created('one', 'two'));
  for (const directory of ['A', 'B']) tell(upload(directory, 'one'), upload(directory, 'two'));
  tell(uploaded('A'), uploaded('B'));
  // All of it is read when this is answered.
  await connection.send('GETINFO version').catch(() => undefined);
  await watch.untilOnline(address, false);
  expect(asked).toEqual(expect.arrayContaining(['$A', '$B']));
  connection.close();
});

test('the tor that asked too early has the descriptor in the end', async () => {
  const asked: string[] = [];
  const {
    fake,
    connection,
    tell,
    watch: begin,
  } = await startFakeTor((directory) => {
    asked.push(directory);
    return [
      '250 OK',
      `650 HS_DESC REQUESTED ${name} NO_AUTH ${directory} two HSDIR_INDEX=00`,
      `650 HS_DESC FAILED ${name} NO_AUTH ${directory} two REASON=NOT_FOUND`,
      '',
    ].join('\n');
  });
  await using _ = fake;
  using watch = await begin({ askEveryMs: 20 });
  tell(...created('one', 'two'), upload('A', 'one'), uploaded('A'));
  const online = watch.untilOnline(address);
  await expect.poll(() => asked).toContain('$A');
  tell(upload('B', 'two'), uploaded('B'));
  await online;
  expect(asked.at(-1)).toBe('$B');
  connection.close();
});

test('events are waited for where a filter lets nobody ask', async () => {
  let refused = 0;
  const {
    fake,
    connection,
    tell,
    watch: begin,
  } = await startFakeTor(() => {
    refused++;
    return '510 Command filtered\n';
  });
  await using _ = fake;
  using watch = await begin({ askEveryMs: 20 });
  tell(...created('one', 'two'), upload('A', 'one'), upload('B', 'two'), uploaded('A'));
  const online = watch.untilOnline(address);
  await expect.poll(() => refused).toBeGreaterThan(1);
  tell(uploaded('B'));
  await online;
  connection.close();
});

describe('where a service is not online in time', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
  afterEach(() => void vi.useRealTimers());

  test.each([
    ['no introduction point could be reached', []],
    ['no directory answered', [upload('A', 'one')]],
    [
      'of 3 uploads of its descriptors, directories accepted 1 and refused 1 (UPLOAD_REJECTED)',
      [
        ...[upload('A', 'one'), upload('B', 'one'), upload('C', 'one')],
        ...[uploaded('A'), `FAILED ${name} NO_AUTH $B~x one REASON=UPLOAD_REJECTED`],
      ],
    ],
  ])('its error says that %s', async (why, events) => {
    const { fake, connection, tell, watch: begin } = await startFakeTor(() => '250 OK\n');
    await using _ = fake;
    using watch = await begin();
    const error = watch.untilOnline(address).catch((reason: unknown) => reason);
    tell(...created('one', 'two'), ...events);
    await connection.send('GETINFO version');
    vi.advanceTimersByTime(PUBLISH_DEADLINE_MS);
    expect(String(await error)).toContain(`not online within 300 seconds: ${why}; try again`);
    connection.close();
  });
});
