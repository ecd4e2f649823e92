import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { deferred } from '../../src/base/deferred.js';
import { manifestDigest } from '../../src/session/conversation/encoded-manifest.js';
import type { Destination } from '../../src/session/receiving/destination.js';
import { receiveTransfer } from '../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../src/session/sending/send-transfer.js';
import type { Source } from '../../src/session/sending/source.js';
import { Ranges } from '../../src/stream/ranges.js';
import { openDestination } from '../../src/transfer/destination/destination.js';
import { nodePrimitives } from '../../src/transfer/node-primitives.js';
import { fileSource } from '../../src/transfer/source/file-source.js';
import { streamSource } from '../../src/transfer/source/stream-source.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { tree } from '../support/tree.js';
import { Link } from './support/link.js';

const MIB = 1024 * 1024;

async function carry(
  source: Source,
  directory: string,
  link: Link,
  circuits?: number,
): Promise<{ sent: unknown; got: unknown }> {
  const [sent, got] = await Promise.all([
    sendTransfer({ ...link.first('sender'), source }),
    receiveTransfer({
      ...link.first('recipient'),
      circuits,
      accept: (manifest) => openDestination({ directory, manifest, conflict: 'rename' }),
    }),
  ]);
  await source[Symbol.asyncDispose]();
  return { sent, got };
}

describe('a transfer over many streams', () => {
  test('uses as many as it is told to', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    await writeFile(join(from, 'file'), randomBytes(20 * MIB));
    const link = new Link();
    await carry(await fileSource([join(from, 'file')]), to, link, 6);
    expect(await tree(to)).toEqual(await tree(from));
    expect(new Set(link.wires.map(({ number }) => number)).size).toBeGreaterThanOrEqual(6);
  });

  test('never makes Node warn of a leak of listeners', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    await writeFile(join(from, 'file'), randomBytes(60 * MIB));
    const warnings: Error[] = [];
    // Others are of tests before, in the same process.
    const hear = (warning: Error): void => {
      if (warning.name === 'MaxListenersExceededWarning') warnings.push(warning);
    };
    process.on('warning', hear);
    onTestFinished(() => void process.off('warning', hear));
    const link = new Link();
    await carry(await fileSource([join(from, 'file')]), to, link, 32);
    expect(link.wires.length).toBeGreaterThan(16);
    expect(warnings).toEqual([]);
  });

  test('continues by itself whenever all of them break', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    await mkdir(join(from, 'folder'));
    for (let i = 0; i < 300; i++) await writeFile(join(from, `folder/${i}`), randomBytes(i * 20));
    await writeFile(join(from, 'folder/big'), randomBytes(30 * MIB));
    const link = new Link();
    let left = 25;
    link.onWire = ({ sockets }) => {
      let passed = 0;
      sockets.sender.on('data', () => undefined);
      sockets.recipient.prependListener('data', () => undefined);
      sockets.recipient.on('data', (piece: Buffer) => {
        passed += piece.length;
        if (passed > 700_000 && left > 0) {
          left--;
          link.breakAll();
        }
      });
    };
    await carry(await fileSource([join(from, 'folder')]), to, link, 4);
    expect(await tree(to)).toEqual(await tree(from));
    expect(link.wires.some(({ generation }) => generation > 0)).toBe(true);
  });

  test('carries standard input through reconnects', async () => {
    const to = await temporaryDirectory();
    const content = randomBytes(8 * MIB);
    const pieces = Array.from({ length: 800 }, (_, i) =>
      content.subarray(i * 10_486, (i + 1) * 10_486),
    );
    const link = new Link();
    let left = 3;
    link.onWire = ({ sockets }) => {
      let passed = 0;
      sockets.recipient.on('data', (piece: Buffer) => {
        passed += piece.length;
        if (passed > 500_000 && left > 0) {
          left--;
          link.breakAll();
        }
      });
    };
    await carry(streamSource(Readable.from(pieces), 'piped'), to, link, 4);
    expect((await readFile(join(to, 'piped'))).equals(content.subarray(0, 800 * 10_486))).toBe(
      true,
    );
  });
});

describe('what a recipient finds corrupt', () => {
  test('comes again although the stream breaks over which it was asked for', async () => {
    const from = await temporaryDirectory();
    const content = randomBytes(8 * MIB);
    await writeFile(join(from, 'file'), content);
    await using source = await fileSource([join(from, 'file')]);
    const link = new Link();
    const got = new Uint8Array(content.length);
    got.set(content.subarray(MIB, 6 * MIB), MIB);
    const several = deferred<undefined>();
    let report: (start: number, end: number) => void = () => undefined;
    let isCorrupt = false;
    const written = new Ranges([[0, 6 * MIB]]);
    const destination: Destination = {
      written,
      verify: (onCorrupt) => {
        report = onCorrupt;
      },
      write: async (position, piece) => {
        got.set(piece, position);
        await several.promise;
        written.add(position, position + piece.length);
        if (isCorrupt) return;
        isCorrupt = true;
        written.remove(0, MIB);
        report(0, MIB);
        for (const { number, sockets } of link.wires) if (number === 0) sockets.recipient.destroy();
      },
      finish: () => Promise.resolve({ files: [], warnings: [] }),
      suspend: () => Promise.resolve(),
      discard: () => Promise.resolve(),
    };
    const { manifest } = source;
    await Promise.all([
      sendTransfer({
        met: undefined,
        reconnect: link.reconnect('sender'),
        primitives: nodePrimitives,
        source,
      }),
      receiveTransfer({
        met: undefined,
        reconnect: link.reconnect('recipient'),
        primitives: nodePrimitives,
        circuits: 4,
        resumed: { manifest, digest: await manifestDigest(manifest, nodePrimitives), destination },
        accept: () => Promise.reject(new Error('it was accepted before')),
        onStreams: (streams) => {
          if (streams >= 3) several.resolve(undefined);
        },
      }),
    ]);
    expect(content.equals(got)).toBe(true);
  });
});

describe('a sender that goes away', () => {
  test('is looked for soon, although only one of its streams ends', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    await writeFile(join(from, 'file'), randomBytes(40 * MIB));
    await using source = await fileSource([join(from, 'file')]);
    const link = new Link();
    let isGone = false;
    link.onWire = ({ generation, sockets }) => {
      if (isGone && generation === 0) sockets.sender.cork();
    };
    await Promise.all([
      sendTransfer({ ...link.first('sender'), source }),
      receiveTransfer({
        ...link.first('recipient'),
        circuits: 3,
        accept: (manifest) => openDestination({ directory: to, manifest, conflict: 'rename' }),
        onStreams: (streams) => {
          if (streams < 3 || isGone) return;
          isGone = true;
          for (const { sockets } of link.wires) sockets.sender.cork();
          link.wires[0]?.sockets.recipient.destroy();
        },
      }),
    ]);
    expect(await tree(to)).toEqual(await tree(from));
    expect(link.wires.some(({ generation }) => generation > 0)).toBe(true);
  });
});

describe('a recipient that is restarted only to tell that it has everything', () => {
  test('does not wait long for a sender that is gone', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const from = await temporaryDirectory();
    await writeFile(join(from, 'file'), randomBytes(100));
    await using source = await fileSource([join(from, 'file')]);
    const { manifest } = source;
    const received = { files: [], warnings: ['as before'] };
    const destination: Destination = {
      written: new Ranges([[0, 100]]),
      verify: () => undefined,
      write: () => Promise.reject(new Error('there is nothing to write')),
      finish: () => Promise.resolve(received),
      suspend: () => Promise.resolve(),
      discard: () => Promise.resolve(),
    };
    const receiving = receiveTransfer({
      met: undefined,
      reconnect: new Link().reconnect('recipient'),
      primitives: nodePrimitives,
      resumed: { manifest, digest: await manifestDigest(manifest, nodePrimitives), destination },
      accept: () => Promise.reject(new Error('it was accepted before')),
    });
    await vi.advanceTimersByTimeAsync(61_000);
    expect(await receiving).toMatchObject({ bytes: 100, ...received });
  });
});
