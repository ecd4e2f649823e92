import { randomBytes } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { suspended } from '../../src/api/handle.js';
import { OnionferryError } from '../../src/base/errors.js';
import type { Destination } from '../../src/session/receiving/destination.js';
import {
  type ResumedOffer,
  receiveTransfer,
} from '../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../src/session/sending/send-transfer.js';
import { deriveJournalKey } from '../../src/stream/journal.js';
import type { Manifest } from '../../src/stream/manifest.js';
import { Ranges } from '../../src/stream/ranges.js';
import { openDestination } from '../../src/transfer/destination/destination.js';
import { nodePrimitives } from '../../src/transfer/node-primitives.js';
import { fileSource } from '../../src/transfer/source/file-source.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { tree } from '../support/tree.js';
import { Link, type Wire } from './support/link.js';

const MIB = 1024 * 1024;

/** Calls `then` once this many bytes have arrived over a wire. */
function after(bytes: number, wire: Wire, then: () => void): void {
  let passed = 0;
  wire.sockets.recipient.on('data', (piece: Buffer) => {
    const before = passed;
    passed += piece.length;
    if (before < bytes && passed >= bytes) then();
  });
}

/** A destination at whose end something happens. */
function finishing(destination: Destination, atEnd: () => void): Destination {
  return {
    written: destination.written,
    verify: (onCorrupt) => destination.verify(onCorrupt),
    write: (position, content) => destination.write(position, content),
    suspend: () => destination.suspend(),
    discard: () => destination.discard(),
    finish: async (total) => {
      const received = await destination.finish(total);
      atEnd();
      return received;
    },
  };
}

/** As after a process that got so far: only the receipt is missing. */
function everythingWritten(bytes: number): Destination {
  const nothing = (): Promise<void> => Promise.resolve();
  return {
    written: new Ranges([[0, bytes]]),
    verify: () => undefined,
    write: nothing,
    finish: () => Promise.resolve({ files: [], warnings: [] }),
    suspend: nothing,
    discard: nothing,
  };
}

async function folderOf(size: number): Promise<string> {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'file'), randomBytes(size));
  return folder;
}

describe('a restarted recipient', () => {
  test('fetches only what is missing, though the sender has not noticed that it was gone', async () => {
    const [from, to] = [await folderOf(12 * MIB), await temporaryDirectory()];
    const journal = join(await temporaryDirectory(), 'journal');
    const key = deriveJournalKey(randomBytes(32));
    const link = new Link();
    await using source = await fileSource([join(from, 'file')]);
    const sending = sendTransfer({ ...link.first('sender'), source });
    const killed = new OnionferryError('ERR_TOR_DIED', 'as if it were killed');
    const dying = new AbortController();
    link.onWire = (wire) => after(3 * MIB, wire, () => dying.abort(killed));
    let taken: { manifest: Manifest; digest: string; staging: string } | undefined;
    const first = receiveTransfer({
      ...link.first('recipient'),
      signal: dying.signal,
      circuits: 1,
      accept: async (manifest, digest) => {
        const opened = await openDestination({
          directory: to,
          manifest,
          conflict: 'rename',
          resume: { journal, key },
        });
        taken = { manifest, digest, staging: opened.staging };
        return opened;
      },
    });
    await expect(first).rejects.toThrow('as if it were killed');
    expect((await readdir(to)).every((name) => name.endsWith('.part'))).toBe(true);

    link.onWire = () => undefined;
    const before = link.wires.length;
    const { manifest, digest, staging } = taken!;
    const destination = await openDestination({
      directory: to,
      manifest,
      conflict: 'rename',
      resume: { journal, key, staging },
    });
    const had = destination.written.bytes;
    const resumed: ResumedOffer = { manifest, digest, destination };
    await receiveTransfer({
      met: undefined,
      reconnect: link.reconnect('recipient'),
      primitives: nodePrimitives,
      resumed,
      // Of several, a slow one's pieces might be fetched over another one as well.
      circuits: 1,
      accept: () => Promise.reject(new Error('it was accepted before')),
    });
    await sending;
    expect(had).toBeGreaterThan(2 * MIB);
    const fetched = link.wires
      .slice(before)
      .reduce((sum, { sockets }) => sum + sockets.recipient.bytesRead, 0);
    expect(fetched).toBeLessThan((12 * MIB - had) * 1.05 + 4 * 256 * 1024);
    expect(await tree(to)).toEqual(await tree(from));
  });
});

describe('a side that is suspended', () => {
  test.for([
    'sender',
    'recipient',
  ] as const)('tells the other at once, and goes on with it later (%s)', async (side) => {
    const [from, to] = [await folderOf(12 * MIB), await temporaryDirectory()];
    const journal = join(await temporaryDirectory(), 'journal');
    const key = deriveJournalKey(randomBytes(32));
    const link = new Link();
    const suspending = new AbortController();
    link.onWire = (wire) => after(3 * MIB, wire, () => suspending.abort(suspended()));
    // Until it is there again.
    link.canMeet = false;
    const absences: unknown[] = [];
    const onAway = (why: unknown): void => void absences.push(why);
    let taken: { manifest: Manifest; digest: string; staging: string } | undefined;
    await using source = await fileSource([join(from, 'file')]);
    const sending = sendTransfer({
      ...link.first('sender'),
      source,
      onAway,
      signal: side === 'sender' ? suspending.signal : undefined,
    });
    const receiving = receiveTransfer({
      ...link.first('recipient'),
      onAway,
      circuits: 2,
      signal: side === 'recipient' ? suspending.signal : undefined,
      accept: async (manifest, digest) => {
        const resume = { journal, key };
        const opened = await openDestination({ directory: to, manifest, conflict: 'fail', resume });
        taken = { manifest, digest, staging: opened.staging };
        return opened;
      },
    });
    const [first, other] = side === 'sender' ? [sending, receiving] : [receiving, sending];
    await expect(first).rejects.toMatchObject({ code: 'ERR_SUSPENDED' });
    expect((await readdir(to)).filter((name) => !name.endsWith('.part'))).toEqual([]);

    link.onWire = () => undefined;
    link.canMeet = true;
    const common = {
      met: undefined,
      reconnect: link.reconnect(side),
      primitives: nodePrimitives,
    };
    if (side === 'sender') await sendTransfer({ ...common, source });
    else {
      const { manifest, digest, staging } = taken!;
      const resume = { journal, key, staging };
      const opened = await openDestination({ directory: to, manifest, conflict: 'fail', resume });
      expect(opened.written.bytes).toBeGreaterThan(MIB);
      await receiveTransfer({
        ...common,
        resumed: { manifest, digest, destination: opened },
        accept: () => Promise.reject(new Error('it was accepted before')),
      });
    }
    await other;
    expect(absences).toMatchObject([{ message: `the ${side} was interrupted and may come back` }]);
    expect(await tree(to)).toEqual(await tree(from));
  });
});

test('a recipient that is suspended while files get their names lets them, and its receipt can follow', async () => {
  const [from, to] = [await folderOf(MIB), await temporaryDirectory()];
  const link = new Link();
  const suspending = new AbortController();
  await using source = await fileSource([join(from, 'file')]);
  const sending = sendTransfer({ ...link.first('sender'), source });
  let taken: { manifest: Manifest; digest: string } | undefined;
  const receiving = receiveTransfer({
    ...link.first('recipient'),
    signal: suspending.signal,
    accept: async (manifest, digest) => {
      taken = { manifest, digest };
      const opened = await openDestination({ directory: to, manifest, conflict: 'fail' });
      return {
        ...finishing(opened, () => undefined),
        finish: async (total) => {
          suspending.abort(suspended());
          await new Promise((resolve) => setImmediate(resolve));
          return await opened.finish(total);
        },
      };
    },
  });
  await expect(receiving).rejects.toMatchObject({ code: 'ERR_SUSPENDED' });
  expect(await tree(to)).toEqual(await tree(from));
  const { manifest, digest } = taken!;
  await receiveTransfer({
    met: undefined,
    reconnect: link.reconnect('recipient'),
    primitives: nodePrimitives,
    resumed: { manifest, digest, destination: everythingWritten(MIB) },
    accept: () => Promise.reject(new Error('it was accepted before')),
  });
  expect((await sending).bytes).toBe(MIB);
});

describe('a stream that stands still', () => {
  test('does not hold up the end: what it held comes over another', async () => {
    const [from, to] = [await folderOf(8 * MIB), await temporaryDirectory()];
    const link = new Link();
    link.onWire = (wire) => {
      // Nothing more is read off it, and it never breaks.
      if (wire.number === 2) after(100_000, wire, () => wire.sockets.recipient.pause());
    };
    await using source = await fileSource([join(from, 'file')]);
    await Promise.all([
      sendTransfer({ ...link.first('sender'), source }),
      receiveTransfer({
        ...link.first('recipient'),
        circuits: 4,
        accept: (manifest) => openDestination({ directory: to, manifest, conflict: 'rename' }),
      }),
    ]);
    expect(await tree(to)).toEqual(await tree(from));
  });
});

describe('a receipt', () => {
  test('that is lost with every stream is said again when the two meet again', async () => {
    const [from, to] = [await folderOf(MIB), await temporaryDirectory()];
    const link = new Link();
    await using source = await fileSource([join(from, 'file')]);
    const sending = sendTransfer({ ...link.first('sender'), source });
    const receiving = receiveTransfer({
      ...link.first('recipient'),
      accept: async (manifest) => {
        const opened = await openDestination({ directory: to, manifest, conflict: 'rename' });
        return finishing(opened, () => link.breakAll());
      },
    });
    const [sent, got] = await Promise.all([sending, receiving]);
    expect([sent.bytes, got.bytes]).toEqual([MIB, MIB]);
    expect(link.wires.some(({ generation }) => generation > 0)).toBe(true);
  });

  test('that nobody is left to hear does not take the files from the recipient', async () => {
    const [from, to] = [await folderOf(MIB), await temporaryDirectory()];
    const link = new Link();
    await using source = await fileSource([join(from, 'file')]);
    const gone = new AbortController();
    const sending = sendTransfer({ ...link.first('sender'), source, signal: gone.signal });
    sending.catch(() => undefined);
    const reconnect = link.reconnect('recipient');
    const got = await receiveTransfer({
      ...link.first('recipient'),
      reconnect: {
        meet: () => Promise.reject(new OnionferryError('ERR_PEER_GONE', 'nobody is there')),
        close: () => reconnect.close(),
      },
      accept: async (manifest) => {
        const opened = await openDestination({ directory: to, manifest, conflict: 'rename' });
        return finishing(opened, () => {
          link.canMeet = false;
          link.breakAll();
        });
      },
    });
    gone.abort(new OnionferryError('ERR_INTERRUPTED', 'the test is over'));
    expect(got.bytes).toBe(MIB);
    expect(await tree(to)).toEqual(await tree(from));
  });
});
