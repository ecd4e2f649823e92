import { randomBytes } from 'node:crypto';
import {
  appendFile,
  chmod,
  mkdir,
  readdir,
  readFile,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { OnionferryError } from '../../src/base/errors.js';
import { receiveTransfer } from '../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../src/session/sending/send-transfer.js';
import { isOpenEnded, totalBytes } from '../../src/stream/manifest.js';
import { selectFrom } from '../../src/transfer/destination/selection.js';
import {
  streamDestination,
  textDestination,
} from '../../src/transfer/destination/stream-destination.js';
import { type Content, contentSource } from '../../src/transfer/source/content-source.js';
import { fileSource } from '../../src/transfer/source/file-source.js';
import { streamSource, textSource } from '../../src/transfer/source/stream-source.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { tree } from '../support/tree.js';
import { carry, into } from './support/carry.js';
import { alone, ends } from './support/ends.js';

describe('a transfer', () => {
  test('carries a folder with all it holds, its modes and times', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    const folder = join(from, 'füße 🧦');
    await mkdir(join(folder, 'empty'), { recursive: true });
    await mkdir(join(folder, 'deep/er'), { recursive: true });
    await writeFile(join(folder, 'none'), '');
    await writeFile(join(folder, 'deep/er/big'), randomBytes(3_000_001));
    await writeFile(join(folder, 'script'), '#!/bin/sh\n');
    for (let i = 0; i < 50; i++) await writeFile(join(folder, `deep/small${i}`), `file ${i}`);
    await symlink('deep/er/big', join(folder, 'inside'));
    await symlink('../../elsewhere', join(folder, 'outside'));
    await chmod(join(folder, 'script'), 0o750);
    await chmod(join(folder, 'deep/er/big'), 0o444);
    await utimes(join(folder, 'script'), 1_000_000, 1_000_000.25);
    await utimes(join(folder, 'deep'), 2_000_000, 2_000_000);

    const { sent, got } = await carry(await fileSource([folder]), into(to));

    expect(sent).toMatchObject({ status: 'fulfilled', value: { files: 53 } });
    const expected = (await tree(from)).filter((line) => !line.includes('outside'));
    expect(await tree(to)).toEqual(expected);
    expect(got).toMatchObject({
      status: 'fulfilled',
      value: { warnings: [expect.stringContaining('outside')] },
    });
  });

  test('carries nothing, one byte, and sizes around a frame’s', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    const sizes = [0, 1, 262_143, 262_144, 262_145, 524_288];
    for (const size of sizes) await writeFile(join(from, `of ${size}`), randomBytes(size));
    const paths = sizes.map((size) => join(from, `of ${size}`));
    const { got } = await carry(await fileSource(paths), into(to));
    expect(got.status).toBe('fulfilled');
    expect(await tree(to)).toEqual(await tree(from));
  });

  test('tells the hash and name of each file as it stands on disk', async () => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    await writeFile(join(from, 'note'), 'hello');
    await writeFile(join(to, 'note'), 'mine');
    const { got } = await carry(await fileSource([join(from, 'note')]), into(to));
    const sha256 = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';
    expect(got).toMatchObject({
      value: { files: [{ path: 'note (1)', bytes: 5, sha256 }] },
    });
    expect(await readFile(join(to, 'note'), 'utf8')).toBe('mine');
    expect(await readdir(to)).toEqual(['note', 'note (1)']);
  });

  test('carries a stream whose length nobody knows, also an empty one', async () => {
    for (const content of [randomBytes(700_000), Buffer.alloc(0)]) {
      const to = await temporaryDirectory();
      const pieces = [content.subarray(0, 10), content.subarray(10)].filter((p) => p.length > 0);
      const { sent } = await carry(streamSource(Readable.from(pieces), 'piped'), into(to));
      expect(sent).toMatchObject({ value: { bytes: content.length, files: 1 } });
      expect(await readFile(join(to, 'piped'))).toEqual(content);
    }
  });

  test('carries a stream of announced length, whose recipient knows how much will come', async () => {
    for (const content of [randomBytes(700_000), Buffer.alloc(0)]) {
      const to = await temporaryDirectory();
      const pieces = [content.subarray(0, 10), content.subarray(10)].filter((p) => p.length > 0);
      const source = streamSource(Readable.from(pieces), 'piped', content.length);
      let announced: number | null = null;
      const { sent, got } = await carry(source, (manifest) => {
        announced = isOpenEnded(manifest) ? null : totalBytes(manifest);
        return into(to)(manifest);
      });
      expect([sent.status, got.status, announced]).toEqual([
        'fulfilled',
        'fulfilled',
        content.length,
      ]);
      expect(await readFile(join(to, 'piped'))).toEqual(content);
    }
  });

  test.each([
    ['less', 6],
    ['more', 4],
  ])('fails if a stream gives %s than was announced', async (which, size) => {
    const to = await temporaryDirectory();
    const { sent } = await carry(streamSource(Readable.from(['hello']), 'piped', size), into(to));
    expect(sent).toMatchObject({
      reason: { code: 'ERR_SOURCE', message: expect.stringContaining(`gave ${which}`) as string },
    });
    expect(await readdir(to)).toEqual([]);
  });

  test.each<[string, Content]>([
    ['bytes in memory', randomBytes(700_000)],
    ['a Blob', new Blob([randomBytes(700_000)])],
    ['nothing at all', new Uint8Array()],
  ])('carries %s like a file, as often as asked', async (_, content) => {
    for (const name of ['first', 'second']) {
      const to = await temporaryDirectory();
      const { got } = await carry(contentSource(content, name), into(to));
      expect(got.status).toBe('fulfilled');
      const whole = content instanceof Blob ? Buffer.from(await content.arrayBuffer()) : content;
      expect(Buffer.compare(await readFile(join(to, name)), whole)).toBe(0);
    }
  });

  test('passes bytes of a slow stream on as they come', async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    const carried = carry(streamSource(input, 'log'), async (manifest) =>
      streamDestination(output, manifest, await selectFrom(manifest)),
    );
    input.write('first');
    const first = await new Promise((resolve) => {
      output.once('data', resolve);
    });
    expect(String(first)).toBe('first');
    input.end('last');
    output.resume();
    expect((await carried).got).toMatchObject({ value: { bytes: 9 } });
  });

  test('carries a text to be shown, without a file', async () => {
    let shown = '';
    const { got } = await carry(textSource('grüße\n'), (manifest) =>
      Promise.resolve(textDestination(manifest, (text) => (shown = text))),
    );
    expect(shown).toBe('grüße\n');
    expect(got).toMatchObject({ value: { files: [] } });
  });

  test('leaves nothing when the recipient declines, and tells the sender', async () => {
    const from = await temporaryDirectory();
    await writeFile(join(from, 'a'), 'a');
    const { sent, got } = await carry(await fileSource([join(from, 'a')]), () =>
      Promise.reject(new OnionferryError('ERR_REFUSED', 'no')),
    );
    expect(got).toMatchObject({ reason: { code: 'ERR_REFUSED' } });
    expect(sent).toMatchObject({ reason: { code: 'ERR_REFUSED' } });
  });

  test.each([
    'append',
    'replace',
    'touch',
  ])('breaks on both sides when a file changes meanwhile (%s)', async (how) => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    const path = join(from, 'moving');
    await writeFile(path, randomBytes(1_000_000));
    const source = await fileSource([path]);
    const { sent, got } = await carry(source, async (manifest) => {
      if (how === 'append') await appendFile(path, 'more');
      if (how === 'replace') await writeFile(path, randomBytes(1_000_000));
      if (how === 'touch') await utimes(path, 1, 1);
      return await into(to)(manifest);
    });
    expect(sent).toMatchObject({ reason: { code: 'ERR_SOURCE_CHANGED' } });
    expect(got).toMatchObject({ reason: { code: 'ERR_SOURCE_CHANGED' } });
    expect(await readdir(to)).toEqual([]);
  });

  test('leaves nothing under its name when the connection breaks at any point', async () => {
    const from = await temporaryDirectory();
    const path = join(from, 'file');
    await writeFile(path, randomBytes(600_000));
    for (const limit of [0, 31, 32, 33, 200, 300, 262_500, 500_000]) {
      const to = await temporaryDirectory();
      const over = await ends();
      let passed = 0;
      over.sockets[1].on('data', (piece: Buffer) => {
        passed += piece.length;
        if (passed > limit) over.sockets[1].destroy();
      });
      const { sent, got } = await carry(await fileSource([path]), into(to), over);
      expect(sent).toMatchObject({ status: 'rejected' });
      expect(got).toMatchObject({ status: 'rejected' });
      // What has come waits for the sender to come back.
      expect((await readdir(to)).filter((name) => !name.endsWith('.part'))).toEqual([]);
    }
  }, 300_000);

  test('ends with the caller’s reason when it is aborted, and tells the other side', async () => {
    const { sender, recipient } = await ends();
    const to = await temporaryDirectory();
    const aborting = new AbortController();
    const input = new PassThrough();
    const source = streamSource(input, 'endless');
    const sending = sendTransfer({ ...alone(sender), source, signal: aborting.signal });
    const receiving = receiveTransfer({
      ...alone(recipient),
      accept: into(to),
      onWritten: () => aborting.abort(new OnionferryError('ERR_INTERRUPTED', 'interrupted')),
    });
    input.write('x');
    await expect(sending).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await expect(receiving).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
    expect(await readdir(to)).toEqual([]);
  });
});
