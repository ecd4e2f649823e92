import { createHash } from 'node:crypto';
import { Agent } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectoryInMemory } from '../../support/temporary-directory.js';
import {
  contentsOf,
  file,
  form,
  post,
  type RunningInbox,
  runningInbox,
  upload,
} from './running-inbox.js';

/** As the rivals were tested with. */
const BURST = 10_000;

async function inboxInMemory(): Promise<RunningInbox> {
  const directory = await temporaryDirectoryInMemory();
  return await runningInbox({ directory, limits: { freeBytesKept: 0 } });
}

test('a form of ten thousand files arrives completely', async () => {
  const running = await inboxInMemory();
  const names = Array.from({ length: BURST }, (_, index) => `folder ${index % 7}/${index}.txt`);
  const reply = await upload(running, ...names.map((name) => file(name)));
  expect(reply.status).toBe(200);
  expect(reply.text).toContain('And 9,000 more files.');
  expect(running.received).toHaveLength(BURST);
  expect(await contentsOf(running.directory)).toEqual(
    Object.fromEntries(names.map((name) => [name, name])),
  );
});

test.each([
  ['a thousand uploads at once of a file each', 1000, 1],
  ['ten thousand files in four hundred uploads at once', 400, 25],
])('%s, all of one name, arrive without exception', async (_, uploads, files) => {
  const running = await inboxInMemory();
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  onTestFinished(() => agent.destroy());
  const send = async (upload: number): Promise<number> => {
    const parts = Array.from({ length: files }, (_, n) => file('same.txt', `${upload} ${n}`));
    const { headers, body } = form(...parts);
    const announced = { ...headers, 'content-length': String(body.length) };
    return (await post(running.web, { headers: announced, body }, agent)).status;
  };
  const statuses = await Promise.all(Array.from({ length: uploads }, (_, n) => send(n)));
  expect(new Set(statuses)).toEqual(new Set([200]));
  const all = uploads * files;
  expect(running.received).toHaveLength(all);
  const contents = await contentsOf(running.directory);
  expect(new Set(running.received.map(({ path }) => path))).toEqual(new Set(Object.keys(contents)));
  expect(new Set(Object.values(contents)).size).toBe(all);
});

test('the next free number for a name is found quickly in a reopened inbox', async () => {
  const first = await inboxInMemory();
  await upload(first, ...Array.from({ length: 3000 }, () => file('same.txt', '')));
  const { directory } = first;
  const second = await runningInbox({ directory });
  await upload(second, file('same.txt', 'next'));
  const sha256 = createHash('sha256').update('next').digest('hex');
  expect(second.received).toEqual([{ path: 'same (3000).txt', bytes: 4, sha256 }]);
});
