import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { FerryEvent } from '../../../src/api/events.js';
import { OngoingTransfer } from '../../../src/api/transfers/ongoing-transfer.js';
import { toBase64Url } from '../../../src/base/bytes.js';
import { type ErrorCode, OnionferryError } from '../../../src/base/errors.js';
import { silentLogger } from '../../../src/base/logger.js';
import { createIdentity } from '../../../src/onion/identity.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { PeerAway } from '../../../src/stream/peer-abort.js';
import { Ranges } from '../../../src/stream/ranges.js';
import type { RecipientRecord } from '../../../src/transfer/record/record.js';
import { openRecords, type Records } from '../../../src/transfer/record/records.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { filesOf } from '../../transfer/destination/resumable.js';

const onion = createIdentity().address;

interface Ongoing {
  readonly transfer: OngoingTransfer;
  readonly records: Records;
  readonly dataDir: string;
  readonly events: FerryEvent[];
  readonly logged: string[];
}

async function ongoing(): Promise<Ongoing> {
  const dataDir = await temporaryDirectory();
  const directory = await temporaryDirectory();
  const staging = join(directory, '.onionferry-0123456789ab.part');
  await mkdir(staging);
  const records = await openRecords(dataDir, silentLogger);
  await using reserved = await records.reserve({ manifest: filesOf([1]), identities: new Map() });
  const record = await reserved.create<RecipientRecord>({
    ...{ kind: 'recipient', channel: 'front-door', curve: 'p256', generation: 0 },
    resumption: toBase64Url(new Uint8Array(32)),
    ...{ onion, access: 'a', directory, conflict: 'skip', staging },
  });
  const events: FerryEvent[] = [];
  const logged: string[] = [];
  const relay = {
    onion,
    client: {} as RelayClient, // nothing here uses it
    renewCircuits: () => undefined,
    wake: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const transfer = new OngoingTransfer({
    ...{ relay, record, generation: 0, away: 'the sender is away' },
    logger: { ...silentLogger, debug: (message) => void logged.push(message) },
    work: { emit: (event) => void events.push(event), signal: new AbortController().signal },
  });
  onTestFinished(async () => {
    await record[Symbol.asyncDispose]();
  });
  return { transfer, records, dataDir, events, logged };
}

test.each([
  ['ERR_PEER_GONE', true],
  ['ERR_TOR_DIED', true],
  ['ERR_REFUSED', false],
  ['ERR_INTERRUPTED', false],
] satisfies [ErrorCode, boolean][])('after %s the record is kept: %s', async (code, kept) => {
  const { transfer, records } = await ongoing();
  const failure = new OnionferryError(code, 'it ended');
  await expect(transfer.run(() => Promise.reject(failure))).rejects.toBe(failure);
  await using found = await records.find('recipient');
  expect(found !== undefined).toBe(kept);
});

test('a suspended transfer keeps its record and says how to resume it', async () => {
  const { transfer, records } = await ongoing();
  const failure = new OnionferryError('ERR_SUSPENDED', 'suspended');
  await expect(transfer.run(() => Promise.reject(failure))).rejects.toMatchObject({
    code: 'ERR_SUSPENDED',
    message: expect.stringMatching(/receive into the same folder again/) as string,
  });
  await using found = await records.find('recipient');
  expect(found).toBeDefined();
});

test('an absence is told in the other side’s own words, if it had any', async () => {
  const { transfer, events } = await ongoing();
  transfer.onAway(new PeerAway('disk-full', 'sender'));
  transfer.onMet(1);
  transfer.onAway(new OnionferryError('ERR_PEER_GONE', 'the connection broke'));
  transfer.onMet(2);
  expect(events.filter(({ event }) => event === 'waiting')).toEqual([
    {
      event: 'waiting',
      reason: expect.stringMatching(/disk on the sender’s side is full/) as string,
    },
    { event: 'waiting', reason: 'the sender is away' },
  ]);
});

test('after a complete transfer no record is left, and the end is reported last', async () => {
  const { transfer, records, events } = await ongoing();
  transfer.begin(filesOf([1]), { has: new Ranges() });
  const file = { event: 'file', path: 'a', bytes: 1 } as const;
  const summary = await transfer.run(() => Promise.resolve(transfer.finish(1, 1, [file])));
  expect(summary).toMatchObject({ bytes: 1, files: 1, circuits: 1 });
  expect(events.map(({ event }) => event)).toEqual(['progress', 'file', 'done']);
  expect(await records.find('recipient')).toBeUndefined();
});

test('progress names the file that something was written of last, and each that is whole', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  const { transfer, events } = await ongoing();
  const has = new Ranges([[0, 10]]);
  transfer.begin(filesOf([10, 20, 30]), { had: 10, has });
  has.add(50, 60);
  transfer.onWritten(20, { at: 59, has });
  vi.advanceTimersByTime(1000);
  has.add(10, 40);
  transfer.onWritten(50, { at: 29, has });
  has.add(40, 50);
  transfer.finish(60, 3);
  vi.useRealTimers();
  expect(events).toMatchObject([
    { event: 'progress', bytes: 20, file: 'd/f2', fileNumber: 3, files: 3 },
    { event: 'progress', bytes: 50, file: 'd/f1', fileNumber: 2, files: 3 },
    { event: 'arrived', path: 'd/f1', bytes: 20 },
    { event: 'progress', bytes: 60, file: 'd/f1' },
    { event: 'arrived', path: 'd/f2', bytes: 30 },
    { event: 'done', bytes: 60, files: 3 },
  ]);
});

test('of a text no name is told, and of more than a hundred files not each', async () => {
  const { transfer, events } = await ongoing();
  const whole = new Ranges([[0, 101]]);
  transfer.begin(filesOf(Array.from({ length: 101 }, () => 1)), { has: new Ranges() });
  transfer.onWritten(101, { at: 100, has: whole });
  expect(events).toMatchObject([{ event: 'progress', fileNumber: 101, files: 101 }]);
  const text = await ongoing();
  text.transfer.begin({ ...filesOf([1]), kind: 'text' }, { has: new Ranges() });
  text.transfer.onWritten(1, { at: 0, has: whole });
  expect(text.events).toEqual([
    expect.not.objectContaining({ file: expect.anything() as unknown }),
  ]);
});

test('the generation of each meeting is recorded, on the disk', async () => {
  const { transfer, records } = await ongoing();
  const recorded = async (): Promise<number | undefined> =>
    (await records.list())[0]?.record.generation;
  transfer.onMet(1);
  await vi.waitFor(async () => expect(await recorded()).toBe(1));
  await transfer.noteGeneration(2);
  expect(transfer.generation).toBe(1);
  expect(await recorded()).toBe(2);
  await transfer.record?.[Symbol.asyncDispose]();
});

test('a record that is made while the two sides lose each other gets the generation as well', async () => {
  const { transfer, records } = await ongoing();
  const { record } = transfer;
  await transfer.keep(undefined);
  await transfer.noteGeneration(1);
  expect((await records.list())[0]?.record.generation).toBe(0);
  await transfer.keep(record);
  expect((await records.list())[0]?.record.generation).toBe(1);
  await record?.[Symbol.asyncDispose]();
});

test('a record that cannot be written is a warning, and the log says why', async () => {
  const { transfer, dataDir, events, logged } = await ongoing();
  await rm(join(dataDir, 'transfers'), { recursive: true });
  await transfer.noteGeneration(1);
  expect(events).toMatchObject([
    { event: 'warning', message: expect.stringMatching(/resume/) as string },
  ]);
  expect(logged).toEqual([expect.stringMatching(/record of the transfer was not written: .+/)]);
  await transfer.record?.[Symbol.asyncDispose]();
});
