import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectOrder } from '../../support/call-order.js';
import { hookFileCalls, watchFileCalls } from '../../support/file-calls.js';
import type { WebReply } from '../support/running-web.js';
import { file, type RunningInbox, runningInbox, upload } from './running-inbox.js';
import { created, patch, tus } from './tus-visitor.js';

describe('an upload that was confirmed', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  async function recorded(inbox: RunningInbox, ask: () => Promise<WebReply>): Promise<string[]> {
    const ids: string[] = [];
    const calls: string[] = [];
    const { status } = await hookFileCalls(
      [inbox.directory],
      ({ name, path }) => {
        const short = path
          .replace(inbox.directory, 'INBOX')
          .replace(/\.onionferry-inbox-[0-9a-f]{12}\.part/, 'STAGING')
          .replace(/\.onionferry-unfinished-[0-9a-f]{12}/, 'UNFINISHED')
          .replace(/\.[0-9a-f]{12}\.tmp/, '.TMP')
          .replace(/[0-9a-f]{32}/, (id) => {
            if (!ids.includes(id)) ids.push(id);
            return String(ids.indexOf(id));
          });
        calls.push(`${name} ${short}`);
      },
      ask,
    );
    expect(status).toBeLessThan(300);
    return calls;
  }

  const NOTED = (id: number): string[] => [
    `handle.writeFile INBOX/UNFINISHED/${String(id)}.json.TMP`,
    `handle.sync INBOX/UNFINISHED/${String(id)}.json.TMP`,
    `rename INBOX/UNFINISHED/${String(id)}.json.TMP`,
    'handle.sync INBOX/UNFINISHED',
  ];

  test('is on the disk with its folders and its names', async () => {
    const inbox = await runningInbox();
    const calls = await recorded(inbox, () =>
      upload(inbox, file('small', 'one'), file('d/large', Buffer.alloc(100_000, 1))),
    );
    const staged = 'INBOX/STAGING/0';
    const end = 'handle.sync INBOX';
    expectOrder(
      calls,
      `writeSync ${staged}/small`,
      `handle.datasync ${staged}/small`,
      `link ${staged}/small`,
      end,
    );
    expectOrder(
      calls,
      `handle.write ${staged}/d/large`,
      `handle.datasync ${staged}/d/large`,
      `rename ${staged}/d`,
      end,
    );
    expectOrder(
      calls,
      `mkdirSync ${staged}/d`,
      `handle.sync ${staged}/d`,
      `rename ${staged}/d`,
      end,
    );
  });

  test('and may be removed one day is noted on the disk before it has its name', async () => {
    const inbox = await runningInbox({ purgeAfterMs: 3_600_000 });
    const calls = await recorded(inbox, () => upload(inbox, file('small', 'one')));
    expectOrder(
      calls,
      'handle.write INBOX/.onionferry-received',
      'handle.datasync INBOX/.onionferry-received',
      'link INBOX/STAGING/0/small',
    );
  });

  test('by tus is on the disk before it is noted, and stays until it is there under its name', async () => {
    const inbox = await runningInbox();
    const path = await created(inbox.web, 6);
    const half = await recorded(inbox, () => patch(inbox.web, path, 0, 'abc'));
    const written = ['handle.write INBOX/UNFINISHED/0', 'handle.datasync INBOX/UNFINISHED/0'];
    expectOrder(half, ...written, ...NOTED(0));
    const calls = await recorded(inbox, () => patch(inbox.web, path, 3, 'def'));
    expectOrder(
      calls,
      'handle.sync INBOX/UNFINISHED/0',
      'link INBOX/UNFINISHED/0',
      'link INBOX/STAGING/0/a.bin',
      'handle.sync INBOX',
      'rm INBOX/UNFINISHED/0',
    );
  });

  test('in parts is on the disk and noted behind the others, before a part is removed', async () => {
    const inbox = await runningInbox();
    const parts: string[] = [];
    for (const content of ['one', 'two']) {
      const path = await created(inbox.web, 3, {}, { 'upload-concat': 'partial' });
      await patch(inbox.web, path, 0, content);
      parts.push(path);
    }
    const headers = { 'upload-concat': `final;${parts.join(' ')}` };
    const calls = await recorded(inbox, () => tus(inbox.web, { method: 'POST', headers }));
    // The part is the first to be opened.
    const [part, whole] = [0, 1];
    expectOrder(
      calls,
      `handle.write INBOX/UNFINISHED/${String(whole)}`,
      `handle.datasync INBOX/UNFINISHED/${String(whole)}`,
      ...NOTED(whole),
      `rm INBOX/UNFINISHED/${String(part)}`,
    );
  });
});
