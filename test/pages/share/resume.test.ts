import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, truncate, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { ask, open } from '../support/serving.js';
import { sharedFolder } from './shared-folder.js';
import { sharing } from './sharing.js';

test.each<[string, (file: string) => Promise<void>]>([
  ['shrinks', (file) => truncate(file, 1000)],
  ['is written to', (file) => appendFile(file, 'more')],
  ['is written over', (file) => writeFile(file, randomBytes(32 * 1024 * 1024), { flag: 'r+' })],
])('a download is cut off if its file %s in the meantime', async (_name, change) => {
  const folder = await sharedFolder();
  const file = join(folder, 'large');
  for (const path of ['/files/shared/large', '/zip/shared.zip']) {
    await writeFile(file, randomBytes(32 * 1024 * 1024));
    const { port, told, warnings } = await sharing([folder]);
    const response = await open(port, path);
    await change(file);
    let got = 0;
    response.on('data', (piece: Buffer) => (got += piece.length));
    response.on('error', () => undefined);
    await new Promise((resolve) => response.once('close', resolve));
    expect(response.complete).toBe(false);
    expect(got).toBeLessThan(Number(response.headers['content-length']));
    expect([told, warnings.length]).toEqual([[], 1]);
  }
});

test.each([
  '/files/shared/large',
  '/zip/shared.zip',
])('a file that may grow is served as long as it was, and cut off if it shrinks: %s', async (path) => {
  const folder = await sharedFolder();
  const file = join(folder, 'large');
  const content = randomBytes(32 * 1024 * 1024);
  await writeFile(file, content);
  const { port } = await sharing([folder], { mayGrow: true });
  const read = async (change: () => Promise<void>): Promise<[boolean, Buffer]> => {
    const response = await open(port, path);
    await change();
    const pieces: Buffer[] = [];
    response.on('data', (piece: Buffer) => pieces.push(piece));
    response.on('error', () => undefined);
    await new Promise((resolve) => response.once('close', resolve));
    return [response.complete, Buffer.concat(pieces)];
  };
  // So long that it does not stand among random bytes by chance.
  const more = randomBytes(16);
  const [isWhole, got] = await read(() => appendFile(file, more));
  expect(isWhole).toBe(true);
  expect(got.includes(content)).toBe(true);
  expect(got.includes(more)).toBe(false);
  expect((await read(() => truncate(file, 1000)))[0]).toBe(false);
});

test('ETags change with the file and survive a restart of the share', async () => {
  const folder = await sharedFolder();
  const etag = async (path: string): Promise<unknown> => {
    const { port } = await sharing([folder]);
    return (await ask(port, path, { method: 'HEAD' })).headers.etag;
  };
  for (const path of ['/files/shared/hello.txt', '/zip/shared.zip']) {
    const first = await etag(path);
    expect(await etag(path)).toBe(first);
    await appendFile(join(folder, 'hello.txt'), '!');
    expect(await etag(path)).not.toBe(first);
  }
});

test('a client that never reads delays nobody else', async () => {
  const folder = await sharedFolder();
  await writeFile(join(folder, 'large'), randomBytes(4_000_000));
  const { port } = await sharing([folder]);
  const silent = Array.from({ length: 50 }, () => {
    const socket = connect(port);
    onTestFinished(() => {
      socket.destroy();
    });
    socket.pause();
    socket.write('GET /zip/shared.zip HTTP/1.1\r\nHost: a\r\n\r\n');
    return socket;
  });
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  expect((await ask(port, '/files/shared/large')).whole).toBe(true);
  expect((await ask(port, '/zip/shared.zip')).whole).toBe(true);
});
