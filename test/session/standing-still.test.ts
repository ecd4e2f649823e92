import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { Destination } from '../../src/session/receiving/destination.js';
import { receiveTransfer } from '../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../src/session/sending/send-transfer.js';
import type { Source } from '../../src/session/sending/source.js';
import { openDestination } from '../../src/transfer/destination/destination.js';
import { fileSource } from '../../src/transfer/source/file-source.js';
import { streamSource } from '../../src/transfer/source/stream-source.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { Link } from './support/link.js';

/**
 * Soon, so that no test takes long; but not in the first look of a busy machine, which counts five
 * seconds at most: something is told before the end.
 */
const SOON = { stallTellMs: 1_000, stallMaxMs: 6_000 };
const never = (): Promise<never> => new Promise(() => undefined);

function altered(destination: Destination, changes: Partial<Destination>): Destination {
  return {
    written: destination.written,
    verify: (onCorrupt) => destination.verify(onCorrupt),
    write: (position, content) => destination.write(position, content),
    finish: (total) => destination.finish(total),
    suspend: () => destination.suspend(),
    discard: () => destination.discard(),
    ...changes,
  };
}

async function sourceOf(bytes: number): ReturnType<typeof fileSource> {
  const path = join(await temporaryDirectory(), 'file');
  await writeFile(path, randomBytes(bytes));
  return await fileSource([path]);
}

test('a sender that answers and sends nothing is told of, and left with all that has come', async () => {
  const link = new Link();
  await using source = await sourceOf(4_000_000);
  const stuck: Source = {
    manifest: source.manifest,
    warnings: [],
    read: never,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const ends: string[] = [];
  const told: string[] = [];
  const sending = sendTransfer({
    ...link.first('sender'),
    source: stuck,
    onAway: (why) => void ends.push(why?.message ?? ''),
  });
  sending.catch(() => undefined);
  let suspensions = 0;
  const receiving = receiveTransfer({
    ...link.first('recipient'),
    ...SOON,
    onStalled: (reason) => void told.push(reason),
    accept: async (manifest) => {
      const opened = await openDestination({
        ...{ directory: await temporaryDirectory(), manifest, conflict: 'fail' },
      });
      return altered(opened, { suspend: () => (suspensions++, opened.discard()) });
    },
  });
  await expect(receiving).rejects.toMatchObject({
    code: 'ERR_PEER_GONE',
    course: 'resumable',
    message: expect.stringMatching(/^nothing has come for \d+ s, .*is kept/) as string,
  });
  expect(suspensions).toBe(1);
  expect(told[0]).toMatch(/^nothing has come for \d+ s$/);
  await expect.poll(() => ends).toEqual(['the recipient was interrupted and may come back']);
});

test('a recipient that answers and takes nothing is told of, and left', async () => {
  const link = new Link();
  await using source = await sourceOf(8_000_000);
  const told: string[] = [];
  const receiving = receiveTransfer({
    ...link.first('recipient'),
    accept: async (manifest) => {
      const opened = await openDestination({
        ...{ directory: await temporaryDirectory(), manifest, conflict: 'fail' },
      });
      return altered(opened, { write: never });
    },
  });
  receiving.catch(() => undefined);
  const sending = sendTransfer({
    ...link.first('sender'),
    ...SOON,
    source,
    onStalled: (reason) => void told.push(reason),
  });
  await expect(sending).rejects.toMatchObject({ code: 'ERR_PEER_GONE', course: 'resumable' });
  expect(told[0]).toMatch(/^the recipient has taken nothing for \d+ s$/);
});

test('a pipe may have nothing to say for any time, and a person may take any time to decide', async () => {
  const link = new Link();
  const input = new PassThrough();
  const told: string[] = [];
  const hasWaited = (): Promise<void> =>
    expect.poll(() => told.length, { timeout: 60_000 }).toBeGreaterThan(1);
  const directory = await temporaryDirectory();
  const receiving = receiveTransfer({
    ...link.first('recipient'),
    stallTellMs: 1_000,
    onStalled: (reason) => void told.push(reason),
    accept: (manifest) => openDestination({ directory, manifest, conflict: 'fail' }),
  });
  const sending = sendTransfer({
    ...link.first('sender'),
    ...SOON,
    source: streamSource(input, 'log'),
  });
  await hasWaited();
  input.end('all');
  expect((await Promise.all([sending, receiving])).map(({ bytes }) => bytes)).toEqual([3, 3]);
});
