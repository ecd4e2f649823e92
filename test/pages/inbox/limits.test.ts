import fs, { type StatsFs, watch } from 'node:fs';
import { readdir, rm, stat, writeFile } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { isTaken } from '../../../src/pages/inbox/kinds.js';
import type { InboxLimits } from '../../../src/pages/inbox/limits.js';
import { en } from '../../../src/pages/words/en.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask, type WebReply } from '../support/running-web.js';
import {
  file,
  note,
  type Part,
  type RunningInbox,
  runningInbox,
  upload,
  uploadUnannounced,
} from './running-inbox.js';

const MB = 1_000_000;

/** Watches an inbox's folder. @returns the names of everything that was changed in it so far */
function happenings({ directory }: RunningInbox): () => Promise<string[]> {
  const names: string[] = [];
  const watcher = watch(directory, (_, name) => names.push(name ?? ''));
  onTestFinished(() => watcher.close());
  return async () => {
    // Events arrive in order, so all earlier ones are here once this one is.
    await writeFile(join(directory, 'mark'), '');
    await expect.poll(() => names).toContain('mark');
    await rm(join(directory, 'mark'));
    return names.filter((name) => name !== 'mark');
  };
}

/** Tells of a folder's disk that it has so many bytes, of which only the folder takes any. */
function diskOf(directory: string, bytes: number): void {
  const { statfs } = fs.promises;
  const told = async (): Promise<StatsFs> => {
    const names = await readdir(directory, { recursive: true });
    const sizes = await Promise.all(names.map(async (name) => await stat(join(directory, name))));
    const used = sizes.reduce((sum, { size }) => sum + size, 0);
    return Object.assign(await statfs(directory), { bsize: 1, bavail: bytes - used });
  };
  const tell = (how: object): void => {
    Object.assign(fs.promises, how);
    syncBuiltinESMExports();
  };
  tell({ statfs: told });
  onTestFinished(() => tell({ statfs }));
}

interface Case {
  readonly limits: Partial<InboxLimits>;
  readonly taken: readonly Part[];
  readonly refused: readonly Part[];
  readonly status: number;
  readonly says: string;
}

const cases: Record<string, Case> = {
  'bytes of a file': {
    limits: { bytesPerFile: 2 * MB },
    taken: [file('a', Buffer.alloc(2 * MB)), file('b', Buffer.alloc(2 * MB))],
    refused: [file('a'), file('b', Buffer.alloc(2 * MB + 1))],
    status: 413,
    says: en.inbox.refused['file-too-large']('b', 2 * MB),
  },
  'bytes of an upload': {
    limits: { bytesPerUpload: 2 * MB },
    taken: [file('a', Buffer.alloc(MB)), file('b', Buffer.alloc(MB))],
    refused: [file('a', Buffer.alloc(MB)), file('b', Buffer.alloc(MB + 1))],
    status: 413,
    says: en.inbox.refused['upload-too-large'](2 * MB),
  },
  'files of an upload': {
    limits: { filesPerUpload: 3 },
    taken: [file('a'), file('b'), file('c')],
    refused: [file('a'), file('b'), file('c'), file('d')],
    status: 413,
    says: en.inbox.refused['too-many-files'](3),
  },
  'folders of an upload': {
    limits: { filesPerUpload: 3 },
    taken: [file('a/b/c')],
    refused: [file('a/b/c/d')],
    status: 413,
    says: en.inbox.refused['too-many-files'](3),
  },
  'bytes of a note': {
    limits: { noteBytes: 1000 },
    taken: [note('x'.repeat(1000))],
    refused: [file('a'), note('x'.repeat(1001))],
    status: 413,
    says: en.inbox.refused['note-too-long'](1000),
  },
  'bytes of all uploads': {
    limits: { bytesTotal: 2 * MB },
    taken: [file('a', Buffer.alloc(2 * MB))],
    refused: [file('a', Buffer.alloc(2 * MB + 1))],
    status: 507,
    says: en.inbox.refused['inbox-full'],
  },
  'files of all uploads': {
    limits: { filesTotal: 2 },
    taken: [file('a'), file('b')],
    refused: [file('a'), file('b'), file('c')],
    status: 507,
    says: en.inbox.refused['inbox-full'],
  },
};

describe.each(Object.entries(cases))('the limit of %s', (_, { limits, ...wanted }) => {
  test.each([
    ['announced', upload],
    ['not announced', uploadUnannounced],
  ])('holds to the byte when the length is %s', async (_how, send) => {
    const running = await runningInbox({ limits });
    expect((await send(running, ...wanted.taken)).status).toBe(200);
    const other = await runningInbox({ limits });
    const reply = await send(other, ...wanted.refused);
    expect(reply.status).toBe(wanted.status);
    expect(reply.text).toContain(wanted.says);
    expect(await readdir(other.directory)).toEqual([]);
  });
});

describe('before anything is written', () => {
  test.each([
    ['that is too large', { bytesPerUpload: MB }, 413],
    ['for which the inbox has no room', { bytesTotal: MB }, 507],
    ['for which the disk has no room', { freeBytesKept: 1e15 }, 507],
  ] as const)('an announced upload %s is refused', async (_, limits, status) => {
    const running = await runningInbox({ limits });
    const happened = happenings(running);
    const reply = await upload(running, file('a', Buffer.alloc(2 * MB)));
    expect(reply.status).toBe(status);
    expect(await readdir(running.directory)).toEqual([]);
    expect(await happened()).toEqual([]);
  });

  test.each([
    'evil.exe',
    'EVIL.EXE',
    'evil.exe.',
    'evil.exe. . ',
    'folder/evil.exe',
  ])('a refused kind is refused: %s', async (name) => {
    const running = await runningInbox({ kinds: { deny: ['exe', '.tar.gz'] } });
    const happened = happenings(running);
    const reply = await upload(running, file(name, Buffer.alloc(MB)));
    expect(reply.status).toBe(415);
    expect(await readdir(running.directory)).toEqual([]);
    expect(await happened()).toEqual([]);
  });

  test('file types that are not accepted are refused, but notes are not', async () => {
    const running = await runningInbox({ kinds: { accept: ['jpg'] } });
    const happened = happenings(running);
    expect((await upload(running, file('a.png'))).status).toBe(415);
    expect((await upload(running, file('jpg'))).status).toBe(415);
    expect(await happened()).toEqual([]);
    expect((await upload(running, file('a.JPG'), note('see'))).status).toBe(200);
    expect((await readdir(running.directory)).sort()).toEqual(['a.JPG', 'note.txt']);
  });
});

test('one refused file among many refuses them all', async () => {
  const running = await runningInbox({ kinds: { deny: ['exe'] } });
  const many = Array.from({ length: 50 }, (_, index) => file(`${index}`, 'x'.repeat(100_000)));
  const reply = await upload(running, ...many, file('folder/evil.exe'));
  expect(reply.status).toBe(415);
  expect(reply.text).toContain('“evil.exe”');
  expect(await readdir(running.directory)).toEqual([]);
});

test('file types may have several parts', () => {
  expect(isTaken('a.tar.gz', { accept: ['tar.gz'] })).toBe(true);
  expect(isTaken('a.gz', { accept: ['.tar.gz'] })).toBe(false);
  expect(isTaken('tar.gz', { accept: ['tar.gz'] })).toBe(false);
  expect(isTaken('anything', undefined)).toBe(true);
});

test('two simultaneous uploads cannot both use the last room', async () => {
  const running = await runningInbox({ limits: { bytesTotal: 5 * MB } });
  const send = (name: string): Promise<WebReply> =>
    upload(running, file(name, Buffer.alloc(3 * MB)));
  const statuses = (await Promise.all([send('a'), send('b')])).map(({ status }) => status);
  expect(statuses.sort()).toEqual([200, 507]);
  expect(await readdir(running.directory)).toHaveLength(1);
});

test('the room of a failed upload is free for the next one', async () => {
  const running = await runningInbox({ limits: { bytesTotal: 2 * MB, filesTotal: 1 } });
  for (let i = 0; i < 3; i++) {
    expect((await upload(running, file('a', Buffer.alloc(MB)), file('..'))).status).toBe(400);
  }
  expect((await upload(running, file('a', Buffer.alloc(2 * MB)))).status).toBe(200);
});

test('a full inbox shows no form', async () => {
  const running = await runningInbox({ limits: { filesTotal: 1 } });
  expect((await ask(running.web, '/')).text).toContain('<form');
  await upload(running, file('a'));
  const { text } = await ask(running.web, '/');
  expect(text).not.toContain('<form');
  expect(text).toContain(en.inbox.closed.title);
});

test('free disk space is checked again during an upload', async () => {
  const directory = await temporaryDirectory();
  diskOf(directory, 48 * MB);
  const running = await runningInbox({ directory, limits: { freeBytesKept: 16 * MB } });
  const reply = await uploadUnannounced(running, file('a', Buffer.alloc(64 * MB)));
  expect(reply.status).toBe(507);
  expect(reply.text).toContain(en.inbox.refused['disk-full']);
  expect(await readdir(running.directory)).toEqual([]);
});

test('no note is accepted if notes are turned off', async () => {
  const running = await runningInbox({ notes: false });
  expect((await ask(running.web, '/')).text).not.toContain('<textarea');
  expect((await upload(running, note('hello'))).status).toBe(400);
  expect(await readdir(running.directory)).toEqual([]);
});
