import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectOrder } from '../../support/call-order.js';
import { hookFileCalls, watchFileCalls } from '../../support/file-calls.js';
import { file, runningInbox, upload } from './running-inbox.js';

describe('an upload that was confirmed', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  test('is on the disk with its folders and its names', async () => {
    const inbox = await runningInbox();
    const calls: string[] = [];
    const { status } = await hookFileCalls(
      [inbox.directory],
      ({ name, path }) => {
        const short = path
          .replace(inbox.directory, 'INBOX')
          .replace(/\.onionferry-inbox-[0-9a-f]{12}\.part/, 'STAGING');
        calls.push(`${name} ${short}`);
      },
      () => upload(inbox, file('small', 'one'), file('d/large', Buffer.alloc(100_000, 1))),
    );
    expect(status).toBe(200);
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
});
