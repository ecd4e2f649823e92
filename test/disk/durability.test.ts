import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFile, makePrivateDirectory, replaceFile } from '../../src/disk/private-file.js';
import { FolderSync, makeFolder } from '../../src/disk/sync-folder.js';
import { expectOrder } from '../support/call-order.js';
import { hookFileCalls, systemError, watchFileCalls } from '../support/file-calls.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

let restore: () => void;
beforeAll(() => {
  restore = watchFileCalls();
});
afterAll(() => restore());

describe('a private file', () => {
  async function recorded(write: typeof createFile, { withLinks = true } = {}): Promise<string[]> {
    const directory = await temporaryDirectory();
    const calls: string[] = [];
    await hookFileCalls(
      [directory],
      (call) => {
        const short = call.path.replace(directory, 'DIR').replace(/\.[0-9a-f]{12}\.tmp$/, '.TMP');
        calls.push(`${call.name} ${short}`);
        if (call.name === 'link' && !withLinks) throw systemError('EPERM', call);
      },
      () => write(join(directory, 'file'), 'content'),
    );
    return calls;
  }

  test('is on the disk before it has its name, and its name before the caller goes on', async () => {
    for (const [write, name] of [
      [createFile, 'link DIR/file.TMP'],
      [replaceFile, 'rename DIR/file.TMP'],
    ] as const) {
      const order = ['handle.writeFile DIR/file.TMP', 'handle.sync DIR/file.TMP', name];
      expectOrder(await recorded(write), ...order, 'handle.sync DIR');
    }
  });

  test('is as durable where there are no links', async () => {
    const calls = await recorded(createFile, { withLinks: false });
    expectOrder(calls, 'handle.writeFile DIR/file', 'handle.sync DIR/file', 'handle.sync DIR');
  });
});

test.each([
  ['a folder', makeFolder],
  ['a private folder', makePrivateDirectory],
])('%s that is made is on the disk with all that was missing above it', async (_, make) => {
  const directory = await temporaryDirectory();
  const calls: string[] = [];
  await hookFileCalls(
    [directory],
    ({ name, path }) => calls.push(`${name} ${path.replace(directory, 'DIR')}`),
    () => make(join(directory, 'a/b/c')),
  );
  for (const parent of ['DIR', 'DIR/a', 'DIR/a/b']) {
    expectOrder(calls, 'mkdir DIR/a/b/c', `handle.sync ${parent}`);
  }
});

test('a folder of one letter is made in the working directory', async () => {
  const directory = await temporaryDirectory();
  const before = process.cwd();
  process.chdir(directory);
  try {
    await makePrivateDirectory('d');
    await makeFolder('e/f');
  } finally {
    process.chdir(before);
  }
  expect((await readdir(directory)).sort()).toEqual(['d', 'e']);
});

test('names that are made during a folder’s sync wait for another one', async () => {
  const directory = await temporaryDirectory();
  const names = new FolderSync(directory);
  const during: Promise<void>[] = [];
  let syncs = 0;
  await hookFileCalls(
    [directory],
    ({ name }) => {
      if (name === 'handle.sync' && ++syncs === 1) during.push(names.sync(), names.sync());
    },
    async () => {
      await names.sync();
      await Promise.all(during);
    },
  );
  expect(syncs).toBe(2);
});
