import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { deferred } from '../../src/base/deferred.js';
import { OnionferryError } from '../../src/base/errors.js';
import { manifestDigest } from '../../src/session/conversation/encoded-manifest.js';
import type { SecureStream } from '../../src/session/conversation/secure-stream.js';
import { receiveTransfer } from '../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../src/session/sending/send-transfer.js';
import type { Source } from '../../src/session/sending/source.js';
import type { Message } from '../../src/stream/message.js';
import { Ranges } from '../../src/stream/ranges.js';
import { nodePrimitives } from '../../src/transfer/node-primitives.js';
import { fileSource } from '../../src/transfer/source/file-source.js';
import { runningRelay } from '../relay/support/running-relay.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import type { Side } from './support/both-sides.js';
import { into } from './support/carry.js';
import { alone, ends } from './support/ends.js';
import { recipientAt, senderAt } from './support/parties.js';

const CONTENT = randomBytes(700_000);

/** A side of a meeting in which the recipient has said that it takes whatever is offered. */
function agreed(stream: SecureStream): Side {
  const side = alone(stream);
  const { meeting, generation } = side.met;
  return { ...side, met: { meeting: { ...meeting, hasAgreed: true }, generation } };
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise(setImmediate);
}

/** A file, and when the sender begins to read it. */
async function watchedFile(): Promise<{ source: Source; isRead: Promise<unknown>; reads: number }> {
  const path = join(await temporaryDirectory(), 'file');
  await writeFile(path, CONTENT);
  const file = await fileSource([path]);
  const begun = deferred<undefined>();
  const watched = {
    isRead: begun.promise,
    reads: 0,
    source: {
      manifest: file.manifest,
      warnings: [],
      read: async (position, block) => {
        watched.reads++;
        begun.resolve(undefined);
        return await file.read(position, block);
      },
      [Symbol.asyncDispose]: () => file[Symbol.asyncDispose](),
    } satisfies Source,
  };
  return watched;
}

describe('to a recipient that takes whatever is offered', () => {
  test('content travels behind the offer, while the recipient still makes room for it', async () => {
    const { sender, recipient } = await ends();
    const { source, isRead } = await watchedFile();
    const directory = await temporaryDirectory();
    const sending = sendTransfer({ ...agreed(sender), source });
    await receiveTransfer({
      ...agreed(recipient),
      accept: async (manifest) => {
        await isRead;
        return await into(directory)(manifest);
      },
    });
    expect(await sending).toMatchObject({ bytes: CONTENT.length });
    expect(Buffer.compare(await readFile(join(directory, 'file')), CONTENT)).toBe(0);
    await source[Symbol.asyncDispose]();
  });

  test('the sender notes it before the recipient knows the offer', async () => {
    const { sender, recipient } = await ends();
    const { source } = await watchedFile();
    const directory = await temporaryDirectory();
    let notes = 0;
    const sending = sendTransfer({
      ...agreed(sender),
      source,
      onAgreed: async () => {
        // An offer that leaves at the same time is heard meanwhile.
        await turns(100);
        notes++;
      },
    });
    await receiveTransfer({
      ...agreed(recipient),
      accept: async (manifest) => {
        expect(notes).toBe(1);
        return await into(directory)(manifest);
      },
    });
    await sending;
    expect(notes).toBe(1);
    await source[Symbol.asyncDispose]();
  });

  test('nothing of it is kept if that recipient declines in the end', async () => {
    const { sender, recipient } = await ends();
    const { source, isRead } = await watchedFile();
    const sending = sendTransfer({ ...agreed(sender), source });
    sending.catch(() => undefined);
    const declined = new OnionferryError('ERR_REFUSED', 'not this');
    const receiving = receiveTransfer({
      ...agreed(recipient),
      accept: async () => {
        await isRead;
        throw declined;
      },
    });
    await expect(receiving).rejects.toBe(declined);
    await expect(sending).rejects.toMatchObject({ code: 'ERR_REFUSED' });
    await source[Symbol.asyncDispose]();
  });

  const retractions: [string, Message[]][] = [
    [
      'has a part already',
      [
        { frame: 'have', ranges: new Ranges([[0, 262_144]]) },
        { frame: 'control', control: { type: 'accept', manifest: '' } },
      ],
    ],
    [
      'wants only a part',
      [{ frame: 'control', control: { type: 'accept', manifest: '', wanted: 1 } }],
    ],
    ['acknowledges before it accepts', [{ frame: 'control', control: { type: 'ack', frames: 1 } }]],
  ];
  test.each(retractions)('a sender ends it if that recipient %s', async (_, said) => {
    const { sender, recipient } = await ends();
    const { source, isRead } = await watchedFile();
    const sending = sendTransfer({ ...agreed(sender), source });
    sending.catch(() => undefined);
    const hearing = (async () => {
      for await (const message of recipient.messages()) {
        if (message.frame === 'control' && message.control.type === 'abort') return;
      }
    })();
    await isRead;
    const manifest = await manifestDigest(source.manifest, nodePrimitives);
    for (const message of said) {
      const isAccept = message.frame === 'control' && message.control.type === 'accept';
      const control = isAccept ? { ...message.control, manifest } : undefined;
      await recipient.send(control === undefined ? message : { frame: 'control', control });
    }
    await hearing;
    recipient.destroy();
    await expect(sending).rejects.toMatchObject({ code: 'ERR_PROTOCOL' });
    await source[Symbol.asyncDispose]();
  });
});

test('content waits for the word of a recipient that has not agreed beforehand', async () => {
  const { sender, recipient } = await ends();
  const watched = await watchedFile();
  const directory = await temporaryDirectory();
  const sending = sendTransfer({ ...alone(sender), source: watched.source });
  await receiveTransfer({
    ...alone(recipient),
    accept: async (manifest) => {
      const destination = await into(directory)(manifest);
      expect(watched.reads).toBe(0);
      return destination;
    },
  });
  await sending;
  await watched.source[Symbol.asyncDispose]();
});

test('the proof of the password says whether the recipient has agreed, to the sender alone', async () => {
  const { local } = await runningRelay();
  const channel = await senderAt(local);
  for (const agrees of [true, false]) {
    const [ours, theirs] = await Promise.all([channel.meet(), recipientAt(local, { agrees })]);
    expect([ours.hasAgreed, theirs.hasAgreed]).toEqual([agrees, agrees]);
    expect(ours.keys.stream).toEqual(theirs.keys.stream);
  }
  await channel.close();
});
