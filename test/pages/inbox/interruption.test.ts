import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, stat, symlink, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import { openInbox } from '../../../src/pages/inbox/open-inbox.js';
import { en } from '../../../src/pages/words/en.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { CREDENTIALS } from '../support/running-web.js';
import { contentsOf, file, form, type Part, runningInbox, upload } from './running-inbox.js';
import { created, patch } from './tus-visitor.js';

/** Sends a form but for its last bytes. @returns what sends those */
async function begin(httpSocket: string, ...parts: readonly Part[]): Promise<[Socket, Buffer]> {
  const { headers, body } = form(...parts);
  const socket = connect(httpSocket);
  socket.on('error', () => undefined);
  onTestFinished(() => void socket.destroy());
  socket.write(
    `POST / HTTP/1.1\r\nHost: x\r\nAuthorization: ${formatAuthorization(CREDENTIALS)}\r\n` +
      `Content-Type: ${headers['content-type']}\r\nContent-Length: ${body.length}\r\n\r\n`,
  );
  socket.write(body.subarray(0, -10));
  await once(socket, 'connect');
  return [socket, body.subarray(-10)];
}

const large = file('large', 'x'.repeat(1_000_000));
const small = file('small');

/** Until something of an upload is on the disk. */
async function untilStaged(directory: string): Promise<void> {
  await expect.poll(async () => Object.keys(await contentsOf(directory))).not.toEqual([]);
}

test('an interrupted upload leaves nothing behind, not even its complete files', async () => {
  const { directory, web, received } = await runningInbox();
  const [socket] = await begin(web.httpSocket, small, large);
  await untilStaged(directory);
  socket.destroy();
  await expect.poll(() => readdir(directory)).toEqual([]);
  expect(received).toEqual([]);
});

/** Of all that is in `directory`, what others than this user may do with it */
async function openToOthers(directory: string): Promise<string[]> {
  const names = await readdir(directory, { recursive: true });
  expect(names.length).toBeGreaterThan(1);
  const modes = await Promise.all(names.map((name) => stat(join(directory, name))));
  return names.filter((_, at) => ((modes[at]?.mode ?? 0) & 0o077) !== 0);
}

function letOthers(): void {
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
}

test('during an upload nobody else may read it, and nothing has its final name', async () => {
  letOthers();
  const { directory, web } = await runningInbox();
  await begin(web.httpSocket, file('album/small'), large);
  await untilStaged(directory);
  const [staging, ...more] = await readdir(directory);
  expect(more).toEqual([]);
  expect(await openToOthers(directory)).toEqual([]);
  expect(staging).toMatch(/^\.onionferry-inbox-/);
});

test('nobody else may read an upload that can be resumed', async () => {
  letOthers();
  const { directory, web } = await runningInbox();
  await patch(web, await created(web, 5), 0, 'sec');
  expect(await openToOthers(directory)).toEqual([]);
});

test('closing the inbox aborts running uploads and removes them', async () => {
  const { directory, web, inbox } = await runningInbox();
  await begin(web.httpSocket, small, large);
  await untilStaged(directory);
  await inbox.close();
  expect(await readdir(directory)).toEqual([]);
});

test('a slow sender delays nobody else', async () => {
  const { directory, web, received } = await runningInbox({ limits: { uploadsAtOnce: 3 } });
  const slow = await Promise.all([1, 2].map(() => begin(web.httpSocket, large)));
  for (let i = 0; i < 5; i++) expect((await upload({ web }, small)).status).toBe(200);
  for (const [socket, rest] of slow) socket.write(rest);
  await expect.poll(() => received).toHaveLength(7);
  expect(await readdir(directory)).toHaveLength(7);
});

test('with too many simultaneous uploads, one more waits, and is then refused as busy', async () => {
  const limits = { uploadsAtOnce: 1, waitMs: 100 };
  const { directory, web } = await runningInbox({ limits });
  const [socket, rest] = await begin(web.httpSocket, large);
  await untilStaged(directory);
  const reply = await upload({ web }, small);
  expect(reply.status).toBe(503);
  expect(reply.text).toContain(en.inbox.refused.busy);
  expect(Number(reply.headers['retry-after'])).toBeGreaterThan(0);
  socket.write(rest);
  await expect.poll(() => readdir(directory)).toEqual(['large']);
  expect((await upload({ web }, small)).status).toBe(200);
});

test('a waiting upload starts as soon as another has ended', async () => {
  const { directory, web } = await runningInbox({ limits: { uploadsAtOnce: 1 } });
  const [socket] = await begin(web.httpSocket, large);
  await untilStaged(directory);
  const waiting = upload({ web }, small);
  socket.destroy();
  expect((await waiting).status).toBe(200);
});

test('leftovers of a killed process are removed at the next start, but not the files of a running one', async () => {
  const directory = await temporaryDirectory();
  const script = fileURLToPath(new URL('inbox-process.ts', import.meta.url));
  const args = [
    script,
    directory,
    await temporaryDirectory(),
    CREDENTIALS.user,
    CREDENTIALS.password,
  ];
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  await begin(line.toString().trim(), small, large);
  await untilStaged(directory);

  // Another inbox in the same folder, while the first is alive.
  const second = await openInbox({ directory });
  await second.close();
  expect(await readdir(directory)).toHaveLength(1);

  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await readdir(directory)).toHaveLength(1);
  const transfer = '.onionferry-0123456789ab.part';
  await mkdir(join(directory, transfer));
  await mkdir(join(directory, '.onionferry-inbox-0123456789ab.part'));
  const elsewhere = await temporaryDirectory();
  await writeFile(join(elsewhere, 'lock'), '');
  await symlink(elsewhere, join(directory, '.onionferry-inbox-ffffffffffff.part'));
  const third = await openInbox({ directory });
  await third.close();
  expect((await readdir(directory)).sort()).toEqual([
    transfer,
    '.onionferry-inbox-ffffffffffff.part',
  ]);
  expect(await readdir(elsewhere)).toEqual(['lock']);
});
