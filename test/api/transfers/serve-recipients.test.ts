import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { TransferSummary } from '../../../src/api/events.js';
import { withKeep, withStallLimit } from '../../../src/api/options.js';
import type { Offered } from '../../../src/api/transfers/offered.js';
import { deferred } from '../../../src/base/deferred.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { Ranges } from '../../../src/stream/ranges.js';
import { fileSource } from '../../../src/transfer/source/file-source.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import {
  authentications,
  declining,
  gone,
  guest,
  NOTHING,
  RULES,
  sender,
  senderOfFile,
  senderWith,
  TEXT,
} from './sender-and-guests.js';

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
      { write: () => never },
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
    const one = await senderWith(
      {
        clientOf: (client) => ({
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
      },
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

  test('lets one go that gives no answer, which hears why', async () => {
    const one = await senderWith({ answerMaxMs: 3_000 }, withKeep());
    const silent = guest(one, () => new Promise(() => undefined));
    await expect(silent.text).rejects.toMatchObject({
      code: 'ERR_PEER_GONE',
      message: expect.stringContaining('waited too long for an answer') as string,
    });
    await one.told({ event: 'peer', state: 'left', recipient: 1 });
    await one.told({ event: 'warning', recipient: 1 });
    expect(await guest(one).text).toBe(TEXT);
  });

  test('gives the place of the one that has thought longest to somebody who waits', async () => {
    const one = await senderWith({ recipientsMax: 2, answerSureMs: 0 }, withKeep());
    const held = deferred<undefined>();
    const first = guest(one, () => held.promise);
    await first.asked;
    const second = guest(one, () => held.promise);
    await second.asked;
    await expect(first.text).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
    held.resolve(undefined);
    expect(await second.text).toBe(TEXT);
  });

  test('takes no place from one that has just come', async () => {
    const one = await senderWith({ recipientsMax: 1, answerSureMs: 3_600_000 }, withKeep());
    const held = deferred<undefined>();
    const first = guest(one, () => held.promise);
    await first.asked;
    await expect(guest(one).text).rejects.toMatchObject({ code: 'ERR_CHANNEL_FULL' });
    held.resolve(undefined);
    expect(await first.text).toBe(TEXT);
  });

  test('keeps what one that was being served needs to resume, when it is suspended', async () => {
    const { one, records } = await senderOfFile();
    const serving = guest(one, undefined, undefined, { write: () => new Promise(() => undefined) });
    await one.told({ event: 'progress' });
    await one.handle.suspend();
    await expect(one.handle.done).rejects.toMatchObject({
      code: 'ERR_SUSPENDED',
      message: expect.stringContaining('send --resume') as string,
    });
    await using record = await records.find('sender');
    expect(record?.record.keep).toEqual(RULES);
    serving.vanish();
  });

  test('just ends when it is suspended and serves nobody', async () => {
    const one = await sender(withKeep());
    await one.handle.suspend();
    expect(await one.handle.done).toEqual(NOTHING);
  });

  test('keeps that of one that is away, and whose place another one needs', async () => {
    const { one, records } = await senderOfFile({ recipientsMax: 1 });
    const away = guest(one, undefined, () => ({ reconnect: gone }), {
      write: () => new Promise(() => undefined),
    });
    await one.told({ event: 'progress' });
    away.vanish();
    await one.told({ event: 'peer', state: 'left', recipient: 1 });
    await using record = await records.find('sender');
    expect(record?.record.keep).toEqual(RULES);
    expect(await guest(one).text).toBe(TEXT);
  });

  test('tells of one that wanted a part that it did not take the whole', async () => {
    const served: boolean[] = [];
    const onServed = (_: TransferSummary, isWhole: boolean): void => void served.push(isWhole);
    const one = await senderWith({ onServed }, withKeep());
    const written = new Ranges([[0, 5]]);
    const part = guest(one, undefined, undefined, {
      written,
      unwanted: 5,
      write: (position, content) => {
        written.add(position, position + content.length);
        return Promise.resolve();
      },
      finish: () => Promise.resolve({ files: [], warnings: [] }),
    });
    await part.text;
    await one.told({ event: 'done', recipient: 1, bytes: TEXT.length - 5 });
    await guest(one).text;
    await one.told({ event: 'done', recipient: 2, bytes: TEXT.length });
    await expect.poll(() => served).toEqual([false, true]);
  });

  test('sends each recipient a log as long as it was when that one came', async () => {
    const path = join(await temporaryDirectory(), 'log');
    await writeFile(path, 'one');
    const offer = async (): Promise<Offered> => {
      const source = await fileSource([path], { mayGrow: true });
      return { source, release: async () => await source[Symbol.asyncDispose]() };
    };
    const one = await senderWith({ offer, hasOwnSources: true }, withKeep());
    const held = deferred<undefined>();
    const first = guest(one, () => held.promise);
    await first.asked;
    await appendFile(path, ' two');
    expect(await guest(one).text).toBe('one two');
    held.resolve(undefined);
    expect(await first.text).toBe('one');
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

  test('tells one that is still being asked that somebody else is receiving', async () => {
    const one = await sender();
    const slow = guest(one, () => new Promise(() => undefined));
    await slow.asked;
    slow.vanish();
    await one.told({ event: 'waiting', reason: 'the recipient has gone without an answer' });
    const held = deferred<undefined>();
    const quick = guest(one, () => held.promise);
    await quick.asked;
    // It has come back to its question, which nobody has answered.
    await expect.poll(() => authentications(one)).toBe(3);
    held.resolve(undefined);
    await expect(slow.text).rejects.toMatchObject({
      code: 'ERR_CHANNEL_FULL',
      message: expect.stringContaining('somebody else is receiving this') as string,
    });
    expect(await quick.text).toBe(TEXT);
    await one.handle.done;
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
