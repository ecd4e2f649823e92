import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { DEFAULT_INBOX_LIMITS } from '../../../src/pages/inbox/limits.js';
import { Quota } from '../../../src/pages/inbox/quota.js';
import { UploadRefusal } from '../../../src/pages/inbox/upload-refusal.js';
import { inboxWording } from '../../../src/pages/inbox-wording.js';
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
    expect(refused.text).toContain(inboxWording.refused['inbox-full']);
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
  expect((await ask(web, '/')).text).not.toContain(inboxWording.closed.title);
  await writeFile(join(directory, 'full'), Buffer.alloc(1000));
  const page = (): Promise<string> => ask(web, '/').then(({ text }) => text);
  await expect.poll(page).toContain(inboxWording.closed.title);
});
