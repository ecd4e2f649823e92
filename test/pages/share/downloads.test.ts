import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { Agent } from 'node:http';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { DownloadsOptions } from '../../../src/pages/share/downloads.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask, open } from '../support/serving.js';
import { type Sharing, sharing } from './sharing.js';

/** More than two sockets and their buffers hold. */
const LARGE_BYTES = 16 * 1024 * 1024;
/** What they take at once, read or not. */
const SMALL_BYTES = 20_000;
const NEVER_MS = 3_600_000;

async function folderOf(files: Record<string, number>): Promise<string> {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  for (const [name, size] of Object.entries(files)) {
    await writeFile(join(folder, name), randomBytes(size));
  }
  return folder;
}

test('nothing is served after the last allowed download', async () => {
  const folder = await folderOf({ a: 1000, b: 0 });
  const { port, told, downloads } = await sharing([folder], { limit: 3 });
  for (const path of ['/files/shared/a', '/files/shared/b']) {
    expect((await ask(port, path)).whole).toBe(true);
  }
  expect(downloads.usedUp.aborted).toBe(false);
  expect((await ask(port, '/zip/shared.zip')).whole).toBe(true);
  await expect.poll(() => downloads.usedUp.aborted).toBe(true);
  expect(told).toEqual(['shared/a', 'shared/b', 'shared.zip']);
  for (const path of [
    '/',
    '/files/shared/',
    '/files/shared/a',
    '/zip/shared.zip',
    '/everything.zip',
  ]) {
    const { status, body } = await ask(port, path);
    expect([status, body.toString()]).toEqual([410, 'limit-reached']);
  }
});

test('pages, HEAD requests, conditional requests and failures do not count', async () => {
  const folder = await folderOf({ a: 1000 });
  const { port, told } = await sharing([folder], { limit: 1 });
  const { headers } = await ask(port, '/files/shared/a', { method: 'HEAD' });
  const etag = headers.etag ?? '';
  await ask(port, '/');
  await ask(port, '/zip/shared.zip', { method: 'HEAD' });
  await ask(port, '/files/shared/a', { headers: { 'if-none-match': etag } });
  await ask(port, '/files/shared/a', { headers: { 'if-match': '"other"' } });
  await ask(port, '/files/shared/a', { headers: { range: 'bytes=1000-' } });
  await ask(port, '/files/shared/b');
  expect((await ask(port, '/files/shared/a')).status).toBe(200);
  await expect.poll(() => told).toEqual(['shared/a']);
});

test('one download may take several requests, and a part delivered twice counts once', async () => {
  const { port, told } = await sharing([await folderOf({ a: 1000 })], { limit: 2 });
  const fetch = (range: string): Promise<unknown> =>
    ask(port, '/files/shared/a', { headers: { range: `bytes=${range}` } });
  for (const range of ['0-499', '0-499', '250-749', '600-899']) await fetch(range);
  await fetch('900-');
  await expect.poll(() => told).toEqual(['shared/a']);
  await fetch('0-999');
  await expect.poll(() => told).toEqual(['shared/a', 'shared/a']);
});

test('an interrupted download does not count, and can be resumed', async () => {
  const folder = await folderOf({ a: LARGE_BYTES });
  let delivered = 0;
  const onDelivered = (bytes: number): void => void (delivered += bytes);
  const { port, told, downloads } = await sharing([folder], { limit: 1, onDelivered });
  const response = await open(port, '/files/shared/a');
  await once(response, 'data');
  response.destroy();
  const rest = await ask(port, '/files/shared/a', {
    headers: { range: `bytes=${LARGE_BYTES / 2}-` },
  });
  expect(rest.whole).toBe(true);
  expect(told).toEqual([]);
  expect(downloads.usedUp.aborted).toBe(false);
  await ask(port, '/files/shared/a', { headers: { range: `bytes=0-${LARGE_BYTES / 2 - 1}` } });
  await expect.poll(() => told).toEqual(['shared/a']);
  expect(downloads.usedUp.aborted).toBe(true);
  expect(delivered).toBeGreaterThanOrEqual(LARGE_BYTES);
  expect(delivered).toBeLessThan(2 * LARGE_BYTES);
});

test('downloads that are running when the limit is reached are finished', async () => {
  const folder = await folderOf({ a: LARGE_BYTES, b: 10 });
  const { port, told, downloads } = await sharing([folder], { limit: 1 });
  const response = await open(port, '/files/shared/a');
  await ask(port, '/files/shared/b');
  await expect.poll(() => downloads.usedUp.aborted).toBe(true);
  expect((await ask(port, '/files/shared/b')).status).toBe(410);
  let got = 0;
  for await (const piece of response) got += (piece as Buffer).length;
  expect(got).toBe(LARGE_BYTES);
  await expect.poll(() => told).toEqual(['shared/b', 'shared/a']);
});

/** Only signs from the visitor count, not the time that passes. */
const NEVER = { closedMs: NEVER_MS, silentMs: NEVER_MS, againMs: NEVER_MS };

interface SmallShare extends Sharing {
  /** Resolves when the system has taken so many bytes in all. */
  readonly taken: (bytes: number) => Promise<void>;
}

async function smallShare(options: DownloadsOptions): Promise<SmallShare> {
  let delivered = 0;
  const onDelivered = (bytes: number): void => void (delivered += bytes);
  const share = await sharing([await folderOf({ a: SMALL_BYTES, b: 10 })], {
    onDelivered,
    ...options,
  });
  return {
    ...share,
    taken: async (bytes) => {
      await expect.poll(() => delivered).toBe(bytes);
    },
  };
}

/** Asks for a file and reads nothing of it. */
async function silentVisitor(port: number): Promise<Socket> {
  const socket = connect(port).pause();
  socket.on('error', () => undefined);
  onTestFinished(() => {
    socket.destroy();
  });
  socket.write('GET /files/shared/a HTTP/1.1\r\nHost: a\r\n\r\n');
  await once(socket, 'connect');
  return socket;
}

test('a download whose connection breaks with bytes unread does not count, though all was sent', async () => {
  const times = { ...NEVER, closedMs: 0 };
  const { port, told, downloads, taken } = await smallShare({ limit: 1, times });
  const visitor = await silentVisitor(port);
  await taken(SMALL_BYTES);
  visitor.resetAndDestroy();
  await expect.poll(async () => (await ask(port, '/')).status).toBe(200);
  expect(await takenAndClosed(port)).toBe(true);
  await expect.poll(() => told).toEqual(['shared/a']);
  expect(downloads.usedUp.aborted).toBe(true);
});

test('a visitor who closes the connection and comes back for the same counts once', async () => {
  const times = { ...NEVER, closedMs: 0 };
  const { port, told, downloads, taken } = await smallShare({ limit: 1, times });
  const visitor = await silentVisitor(port);
  await taken(SMALL_BYTES);
  expect((await ask(port, '/')).status).toBe(410);
  expect((await ask(port, '/files/shared/b')).status).toBe(410);
  const agent = keptConnection();
  expect((await ask(port, '/files/shared/a', { agent })).whole).toBe(true);
  await ask(port, '/', { agent });
  await expect.poll(() => told).toEqual(['shared/a']);
  expect([downloads.usedUp.aborted, downloads.isSettled]).toEqual([true, false]);
  visitor.end();
  await downloads.decided(new AbortController().signal);
  expect(told).toEqual(['shared/a']);
  // It may have been another visitor, who has nothing yet.
  expect(downloads.isSettled).toBe(false);
  expect((await ask(port, '/files/shared/a')).whole).toBe(true);
});

test('the next request on a connection shows that everything before it arrived', async () => {
  const { port, told, downloads } = await smallShare({ times: NEVER });
  const agent = keptConnection();
  await ask(port, '/files/shared/a', { agent });
  await ask(port, '/files/shared/b', { agent });
  await expect.poll(() => told).toEqual(['shared/a']);
  expect(downloads.isSettled).toBe(false);
  await ask(port, '/nothing', { agent });
  await expect.poll(() => told).toEqual(['shared/a', 'shared/b']);
  expect(downloads.isSettled).toBe(true);
});

test('a visitor who keeps the connection in silence has it all after a while', async () => {
  const { port, told, downloads } = await smallShare({ times: { ...NEVER, silentMs: 0 } });
  await ask(port, '/files/shared/a', { agent: keptConnection() });
  await expect.poll(() => told).toEqual(['shared/a']);
  expect(downloads.isSettled).toBe(false);
});

test('a visitor who keeps the connection for longer than the reply needs has shown to have it', async () => {
  const { port, told, downloads } = await smallShare({ times: { ...NEVER, arrivalMs: () => 0 } });
  await ask(port, '/files/shared/a', { agent: keptConnection() });
  await expect.poll(() => told).toEqual(['shared/a']);
  expect(downloads.isSettled).toBe(true);
});

test('a visitor who closes the connection before that has not', async () => {
  const times = { ...NEVER, closedMs: 0, arrivalMs: () => NEVER_MS / 2 };
  const { port, told, downloads } = await smallShare({ times });
  expect(await takenAndClosed(port)).toBe(true);
  await expect.poll(() => told).toEqual(['shared/a']);
  expect(downloads.isSettled).toBe(false);
});

test('a visitor who resumes shows how much arrived before', async () => {
  const { port, told, downloads, taken } = await smallShare({ limit: 1, times: NEVER });
  const visitor = await silentVisitor(port);
  await taken(SMALL_BYTES);
  visitor.resetAndDestroy();
  const agent = keptConnection();
  const headers = { range: 'bytes=1000-' };
  expect((await ask(port, '/files/shared/a', { agent, headers })).status).toBe(206);
  await ask(port, '/', { agent });
  await expect.poll(() => told).toEqual(['shared/a']);
  expect(downloads.isSettled).toBe(true);
});

test('several at once within the limit all count, and one who came to harm is not counted', async () => {
  const { port, told, downloads, taken } = await smallShare({
    limit: 3,
    times: { ...NEVER, closedMs: 0 },
  });
  const visitor = await silentVisitor(port);
  await taken(SMALL_BYTES);
  expect(await Promise.all([1, 2].map(() => takenAndClosed(port)))).toEqual([true, true]);
  visitor.resetAndDestroy();
  await expect.poll(() => told).toHaveLength(2);
  expect((await ask(port, '/')).status).toBe(200);
  expect(await takenAndClosed(port)).toBe(true);
  await expect.poll(() => downloads.usedUp.aborted).toBe(true);
  expect(told).toHaveLength(3);
});

test('after a connection that this side has closed, only silence counts', async () => {
  const { port, told, downloads } = await smallShare({ times: { ...NEVER, closedMs: 0 } });
  await ask(port, '/files/shared/a');
  const agent = keptConnection();
  await ask(port, '/files/shared/b', { agent });
  agent.destroy();
  await expect.poll(() => told).toEqual(['shared/b']);
  const abort = new AbortController();
  const decided = expect(downloads.decided(abort.signal)).rejects.toThrow('enough');
  abort.abort(new Error('enough'));
  await decided;
});

test('what another way delivers counts towards the limit', async () => {
  const { port, told, downloads } = await smallShare({ limit: 1 });
  downloads.count({ names: [], isArchive: true, name: 'shared', bytes: SMALL_BYTES });
  expect([told, downloads.usedUp.aborted]).toEqual([['shared'], true]);
  expect((await ask(port, '/files/shared/a')).status).toBe(410);
});

/** @returns whether all of it came */
async function takenAndClosed(port: number): Promise<boolean> {
  const agent = keptConnection();
  const { whole } = await ask(port, '/files/shared/a', { agent });
  agent.destroy();
  return whole;
}

function keptConnection(): Agent {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => {
    agent.destroy();
  });
  return agent;
}
