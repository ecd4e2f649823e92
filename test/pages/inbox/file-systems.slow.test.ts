import { expect, test } from 'vitest';
import { mounted } from '../../support/mounts.js';
import { contentsOf, file, runningInbox, upload } from './running-inbox.js';

/** The driver of FAT loses what is in a folder that it renames. */
const IN_FOLDER = { exfat: { 'd/a_b': 'd/a*b' }, fat: {} } as const;

test.each([
  'exfat',
  'fat',
] as const)('an inbox on a file system with other rules for names (%s) saves uploads under similar ones', async (type) => {
  const limits = { freeBytesKept: 0 };
  const inbox = await runningInbox({ directory: await mounted(type), limits });
  const saved = {
    '12_30.png': '12:30.png',
    'what_.txt': 'what?.txt',
    Readme: 'Readme',
    'README (1)': 'README',
    ...IN_FOLDER[type],
  };
  const { status } = await upload(inbox, ...Object.values(saved).map((name) => file(name)));
  expect(status).toBe(200);
  expect(await contentsOf(inbox.directory)).toEqual(saved);
  // README (1) is in the way of Readme (1).
  expect((await upload(inbox, file('Readme', 'again'))).status).toBe(200);
  expect(await contentsOf(inbox.directory)).toEqual({ ...saved, 'Readme (2)': 'again' });
  await inbox.inbox.close();
});

test('an inbox on a file system that does not tell how much room it has (ramfs) takes uploads', async () => {
  const inbox = await runningInbox({ directory: await mounted('ramfs') });
  expect((await upload(inbox, file('a'))).status).toBe(200);
  await inbox.inbox.close();
});

test('an inbox whose disk is full says so, saves nothing, and goes on when there is room', async () => {
  const limits = { freeBytesKept: 0 };
  const inbox = await runningInbox({ directory: await mounted('tmpfs', 1024 * 1024), limits });
  expect((await upload(inbox, file('large', Buffer.alloc(2_000_000)))).status).toBe(507);
  expect(await contentsOf(inbox.directory)).toEqual({});
  expect((await upload(inbox, file('small'))).status).toBe(200);
  await inbox.inbox.close();
});
