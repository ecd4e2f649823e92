import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Bytes } from '../../../src/base/bytes.js';
import { freeSpace } from '../../../src/disk/free-space.js';
import { Holdings } from '../../../src/pages/inbox/holdings.js';
import { InboxStaging } from '../../../src/pages/inbox/inbox-staging.js';
import { DEFAULT_INBOX_LIMITS } from '../../../src/pages/inbox/limits.js';
import { Quota } from '../../../src/pages/inbox/quota.js';
import { UploadRefusal } from '../../../src/pages/inbox/upload-refusal.js';
import { UploadTree } from '../../../src/pages/inbox/upload-tree.js';
import { UploadWriter } from '../../../src/pages/inbox/upload-writer.js';
import { en } from '../../../src/pages/words/en.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask } from '../support/running-web.js';
import { contentsOf, file, runningInbox, upload, uploadUnannounced } from './running-inbox.js';
import { created } from './tus-visitor.js';

const MB = 1024 * 1024;

test('an upload that announces more than the disk holds does not end another that is running', async () => {
  const quota = new Quota(await temporaryDirectory(), DEFAULT_INBOX_LIMITS);
  using honest = await quota.claim(16 * MB);
  const going = honest.add(16 * MB);
  await expect(quota.claim(1e15)).rejects.toThrow(UploadRefusal);
  await going;
});

test('what lies in the folder counts, and what is taken away makes room again', async () => {
  const running = await runningInbox({ limits: { bytesKept: 1000 } });
  const { directory } = running;
  await mkdir(join(directory, 'put here'));
  await writeFile(join(directory, 'put here', 'by the owner'), Buffer.alloc(600));
  expect((await upload(running, file('a', 'a'.repeat(300)))).status).toBe(200);
  for (const send of [upload, uploadUnannounced]) {
    const refused = await send(running, file('b', 'b'.repeat(300)));
    expect(refused.status).toBe(507);
    expect(refused.text).toContain(en.inbox.refused['inbox-full']);
  }
  await expect(created(running.web, 300)).rejects.toThrow('507');
  expect(Object.keys(await contentsOf(directory)).sort()).toEqual(['a', 'put here/by the owner']);
  await rm(join(directory, 'put here'), { recursive: true });
  const again = (): Promise<number> =>
    upload(running, file('b', 'b'.repeat(300))).then(({ status }) => status);
  await expect.poll(again).toBe(200);
});

test('a full folder says so before anything is sent, and no link counts for what it leads to', async () => {
  const elsewhere = await temporaryDirectory();
  await writeFile(join(elsewhere, 'large'), Buffer.alloc(5000));
  const running = await runningInbox({ limits: { bytesKept: 1000 } });
  const { directory, web } = running;
  await symlink(elsewhere, join(directory, 'folder'));
  await symlink(join(elsewhere, 'large'), join(directory, 'file'));
  expect((await ask(web, '/')).text).not.toContain(en.inbox.closed.title);
  await writeFile(join(directory, 'full'), Buffer.alloc(1000));
  const later = await runningInbox({ directory, limits: { bytesKept: 1000 } });
  const page = (): Promise<string> => ask(later.web, '/').then(({ text }) => text);
  expect(await page()).toContain(en.inbox.closed.title);
  await rm(join(directory, 'full'));
  await expect.poll(page, { timeout: 10_000 }).not.toContain(en.inbox.closed.title);
});

test('who only asks whether there is room does not have the folder read each time', async () => {
  const directory = await temporaryDirectory();
  const quota = new Quota(directory, { ...DEFAULT_INBOX_LIMITS, bytesKept: 1000 });
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
  onTestFinished(() => void vi.restoreAllMocks());
  expect(await quota.isFull()).toBe(false);
  await writeFile(join(directory, 'full'), Buffer.alloc(1000));
  now += 30_000;
  expect(await quota.isFull()).toBe(false);
  now += 60_000;
  expect(await quota.isFull()).toBe(true);
});

test('what arrives while the folder is measured is not left out', async () => {
  const holdings = new Holdings(await temporaryDirectory());
  const measured = holdings.bytes();
  holdings.add(500);
  expect(await measured).toBe(500);
});

test('a copy that is encrypted has its room reserved until it is written', async () => {
  const directory = await temporaryDirectory();
  const quota = new Quota(directory, DEFAULT_INBOX_LIMITS);
  using claim = await quota.claim(undefined);
  await using writer = new UploadWriter({
    ...{ claim, bytesPerFile: MB, encrypt: (content) => content },
    staging: new InboxStaging(directory),
    tree: new UploadTree(process.platform, undefined, undefined, '.age'),
  });
  const toCome: number[] = [];
  async function* content(): AsyncGenerator<Bytes> {
    for (let pieces = 0; pieces < 3; pieces++) {
      toCome.push(claim.bytes - claim.written);
      await Promise.resolve();
      yield new Uint8Array(100);
    }
  }
  const digests = { sha256: '', unitsSha256: '' };
  await writer.adopt('a', { path: join(directory, 'a'), bytes: 300, content, ...digests });
  expect([...toCome, claim.bytes - claim.written]).toEqual([300, 200, 100, 0]);
});

test('uploads that are to come share what the disk has free', async () => {
  const directory = await temporaryDirectory();
  const free = (await freeSpace(directory)) ?? 0;
  const freeBytesKept = Math.floor(free / 10);
  const quota = new Quota(directory, {
    ...{ ...DEFAULT_INBOX_LIMITS, freeBytesKept },
    ...{ bytesPerUpload: Number.POSITIVE_INFINITY, bytesTotal: Number.POSITIVE_INFINITY },
  });
  const most = Math.floor(free * 0.6);
  const first = await quota.claim(most);
  await expect(quota.claim(most)).rejects.toMatchObject({ reason: { kind: 'disk-full' } });
  first[Symbol.dispose]();
  (await quota.claim(most))[Symbol.dispose]();
});

test('an upload that cannot go on takes no room from others', async () => {
  const quota = new Quota(await temporaryDirectory(), DEFAULT_INBOX_LIMITS);
  using claim = await quota.claim(16 * MB);
  claim.pause();
  await expect(claim.resume(1e15)).rejects.toThrow(UploadRefusal);
  expect(claim.bytes).toBe(0);
});

test('what is unfinished is counted by who writes it, and not as what lies there', async () => {
  const directory = await temporaryDirectory();
  for (const folder of ['.onionferry-inbox-0.part', 'theirs/.onionferry-kept']) {
    await mkdir(join(directory, folder), { recursive: true });
    await writeFile(join(directory, folder, 'a'), Buffer.alloc(100));
  }
  expect(await new Holdings(directory).bytes()).toBe(100);
});
