import { randomBytes } from 'node:crypto';
import {
  appendFile,
  link,
  mkdir,
  readdir,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readAttributes, writeAttributes } from '../../src/disk/extended-attributes.js';
import { manifestDigest } from '../../src/session/conversation/encoded-manifest.js';
import { receiveTransfer } from '../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../src/session/sending/send-transfer.js';
import { totalBytes } from '../../src/stream/manifest.js';
import { openDestination } from '../../src/transfer/destination/destination.js';
import { nodePrimitives } from '../../src/transfer/node-primitives.js';
import { fileSource } from '../../src/transfer/source/file-source.js';
import { textSource } from '../../src/transfer/source/stream-source.js';
import { hashOf } from '../support/carry.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { carry, into } from './support/carry.js';
import { alone, ends } from './support/ends.js';

describe('a transfer', () => {
  test('carries times before 1970, other names of a file, and names that are not UTF-8', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    const folder = join(from, 'f');
    await mkdir(join(folder, 'd'), { recursive: true });
    await writeFile(join(folder, 'a'), randomBytes(300_000));
    await link(join(folder, 'a'), join(folder, 'd/b'));
    await writeFile(join(folder, 'empty'), '');
    await link(join(folder, 'empty'), join(folder, 'none'));
    await utimes(join(folder, 'a'), '-100000.123457', '-100000.123457');
    await writeFile(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.of(0xe9)]), 'latin');
    const { sent, got } = await carry(await fileSource([folder]), into(to));
    expect(sent).toMatchObject({ value: { bytes: 300_005, files: 5 } });
    expect(await readdir(join(to, 'f'))).toEqual(['a', 'd', 'empty', 'none', 'x%E9']);
    const stats = await stat(join(to, 'f/a'), { bigint: true });
    expect(stats.mtimeNs).toBe((await stat(join(folder, 'a'), { bigint: true })).mtimeNs);
    expect((await stat(join(to, 'f/d/b'), { bigint: true })).ino).toBe(stats.ino);
    expect((await stat(join(to, 'f/none'))).nlink).toBe(2);
    const sha256 = await hashOf(join(folder, 'a'));
    expect(got).toMatchObject({
      value: {
        bytes: 300_005,
        files: expect.arrayContaining([
          { path: 'f/a', bytes: 300_000, sha256 },
          { path: 'f/d/b', bytes: 300_000, sha256 },
        ]) as unknown,
      },
    });
  });

  test('carries extended attributes, and sets them only on request', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    const path = join(from, 'file');
    await writeFile(path, 'x');
    writeAttributes(path, { 'user.origin': 'aGVyZQ==' });
    for (const [wanted, warnings] of [
      [true, []],
      [false, ['extended attributes came along and were not kept; --xattrs keeps them']],
    ] as const) {
      const { got } = await carry(await fileSource([path], { xattrs: true }), (manifest) =>
        openDestination({ directory: to, manifest, conflict: 'overwrite', xattrs: wanted }),
      );
      expect(got).toMatchObject({ value: { warnings } });
      const kept = wanted ? { 'user.origin': 'aGVyZQ==' } : undefined;
      expect(readAttributes(join(to, 'file'))).toEqual(kept);
    }
    const { manifest } = await fileSource([path]);
    expect(manifest.entries[0]).not.toHaveProperty('xattrs');
  });

  test('carries holes and other zeros for next to nothing', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    const path = join(from, 'sparse');
    await writeFile(path, randomBytes(1000));
    await truncate(path, 50_000_000);
    await appendFile(path, randomBytes(1000));
    const over = await ends();
    let carried = 0;
    over.sockets[1].on('data', (piece: Buffer) => {
      carried += piece.length;
    });
    const { sent } = await carry(await fileSource([path]), into(to), over);
    expect(sent).toMatchObject({ value: { bytes: 50_001_000 } });
    expect(await hashOf(join(to, 'sparse'))).toBe(await hashOf(path));
    // Two chunks with content, and some 190 without.
    expect(carried).toBeLessThan(600_000);
  });

  test('carries only what the recipient wants, and its receipt says how much that was', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    await mkdir(join(from, 'f/photos'), { recursive: true });
    for (let i = 0; i < 20; i++) {
      await writeFile(join(from, `f/photos/${i}.jpg`), randomBytes(1000 + i));
      await writeFile(join(from, `f/photos/${i}.raw`), randomBytes(400_000));
    }
    await link(join(from, 'f/photos/3.raw'), join(from, 'f/three.jpg'));
    const over = await ends();
    let carried = 0;
    over.sockets[1].on('data', (piece: Buffer) => {
      carried += piece.length;
    });
    const written: (readonly [number, number | null])[] = [];
    const reached: (readonly [boolean, boolean])[] = [];
    const source = await fileSource([join(from, 'f')]);
    const [sent, got] = await Promise.all([
      sendTransfer({
        ...alone(over.sender),
        source,
        onWritten: (bytes, wanted, latest) => {
          written.push([bytes, wanted]);
          reached.push([latest.at !== undefined, latest.has.has(0, totalBytes(source.manifest))]);
        },
      }),
      receiveTransfer({
        ...alone(over.recipient),
        accept: (manifest) =>
          openDestination({
            directory: to,
            manifest,
            only: ['*.jpg'],
            conflict: 'rename',
          }),
      }),
    ]);
    await source[Symbol.asyncDispose]();
    const bytes = 20 * 1000 + 190 + 400_000;
    expect(sent).toEqual({ bytes, files: 21 });
    expect(got.bytes).toBe(bytes);
    expect(written[0]).toEqual([0, bytes]);
    expect(written.at(-1)).toEqual([bytes, bytes]);
    expect([reached[0], reached.at(-1)]).toEqual([
      [false, false],
      [true, true],
    ]);
    expect(carried).toBeLessThan(bytes + 50_000);
    expect((await readdir(join(to, 'f/photos'))).every((name) => name.endsWith('.jpg'))).toBe(true);
    expect(await readdir(join(to, 'f'))).toEqual(['photos', 'three.jpg']);
    expect(await hashOf(join(to, 'f/three.jpg'))).toBe(await hashOf(join(from, 'f/three.jpg')));
    expect(await hashOf(join(to, 'f/photos/7.jpg'))).toBe(
      await hashOf(join(from, 'f/photos/7.jpg')),
    );
  });

  test('is told to its end, though the receipt come before any other word of what is written', async () => {
    const { sender, recipient } = await ends();
    const source = textSource('hello');
    const digest = await manifestDigest(source.manifest, nodePrimitives);
    const told: unknown[] = [];
    const sending = sendTransfer({
      ...alone(sender),
      source,
      onWritten: (bytes, wanted, { at }) => told.push({ bytes, wanted, at }),
    });
    await recipient.send({ frame: 'control', control: { type: 'accept', manifest: digest } });
    for await (const message of recipient.messages()) {
      if (message.frame === 'control' && message.control.type === 'receipt-ack') break;
      if (message.frame !== 'data') continue;
      const receipt = { type: 'receipt', bytes: 5, files: 1 } as const;
      await recipient.send({ frame: 'control', control: receipt });
    }
    recipient.destroy();
    expect(await sending).toEqual({ bytes: 5, files: 1 });
    expect(told).toEqual([
      { bytes: 0, wanted: 5, at: undefined },
      { bytes: 5, wanted: 5, at: 4 },
    ]);
  });
});
