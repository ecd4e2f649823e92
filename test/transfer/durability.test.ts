import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectOrder } from '../support/call-order.js';
import { hookFileCalls, systemError, watchFileCalls } from '../support/file-calls.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { labelOf, Receiving, type ReceivingOptions } from './support/receiving.js';

/** What a receipt promises to survive a power failure. */
describe('the order on the disk', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  async function recorded(
    options: ReceivingOptions = {},
    prepare: (directory: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<string[]> {
    const receiving = await Receiving.prepare(options);
    await prepare(receiving.directory);
    const calls: string[] = [];
    const run = await hookFileCalls(
      [receiving.directory, receiving.dataDir],
      (call) => calls.push(labelOf(call, receiving)),
      () => receiving.run(),
    );
    expect(run.error).toBeUndefined();
    return calls;
  }

  const MOVE = { folder: 'rename OUT/STAGING/d', file: 'link OUT/STAGING/solo' };
  const NOTED = 'handle.writeFile DATA/transfers/ID.journal.moves.TMP';

  test('is: a file’s content, its sync, its final name', async () => {
    const calls = await recorded();
    for (const [write, file, move] of [
      ['handle.write', 'd/big', MOVE.folder],
      ['writeSync', 'd/small', MOVE.folder],
      ['closeSync', 'd/sub/none', MOVE.folder],
      ['handle.write', 'solo', MOVE.file],
    ] as const) {
      const staged = `OUT/STAGING/${file}`;
      const synced = `handle.datasync ${staged}`;
      // It is opened again for its time and mode.
      const upTo = calls.indexOf(`futimesSync ${staged}`) - 1;
      expectOrder(calls.slice(0, upTo), `${write} ${staged}`, synced);
      expectOrder(calls, synced, NOTED, move);
    }
  });

  test('is: what is in a folder, the folder’s sync, its final name', async () => {
    const calls = await recorded();
    for (const folder of ['d', 'd/sub']) {
      const staged = `OUT/STAGING/${folder}`;
      expectOrder(calls, `fchmodSync ${staged}`, `handle.sync ${staged}`, NOTED, MOVE.folder);
    }
  });

  test('is: the final names, their folder’s sync, the record of it, the end of what was staged', async () => {
    const calls = await recorded();
    for (const move of Object.values(MOVE)) {
      expectOrder(calls, move, 'handle.sync OUT');
    }
    const after = calls.slice(calls.indexOf('handle.sync OUT'));
    const temporary = 'DATA/transfers/ID.json.TMP';
    expectOrder(
      after,
      `handle.writeFile ${temporary}`,
      `handle.sync ${temporary}`,
      `rename ${temporary}`,
      'handle.sync DATA/transfers',
      'rm OUT/STAGING',
      'rm DATA/transfers/ID.json',
    );
  });

  test('is: what is to be moved, noted durably, and then moved', async () => {
    const calls = await recorded();
    const temporary = 'DATA/transfers/ID.journal.moves.TMP';
    const from = calls.indexOf(`open ${temporary}`);
    expectOrder(
      calls.slice(from),
      `handle.writeFile ${temporary}`,
      `handle.sync ${temporary}`,
      `rename ${temporary}`,
      'handle.sync DATA/transfers',
      MOVE.folder,
      MOVE.file,
    );
  });

  test('is: the record with what it is about, and then the first content', async () => {
    const calls = await recorded();
    const record = 'DATA/transfers/ID.json.TMP';
    const content = 'handle.sync DATA/transfers/ID.content.json';
    const upTo = calls.indexOf('open OUT/STAGING/d/big');
    const before = calls.slice(0, upTo);
    expectOrder(
      before,
      'handle.writeFile DATA/transfers/ID.content.json',
      content,
      `handle.writeFile ${record}`,
      `handle.sync ${record}`,
      `rename ${record}`,
      'handle.sync DATA/transfers',
    );
  });

  test('is: the folder that everything goes into, its name, and then the record and the content', async () => {
    const directory = join(await temporaryDirectory(), 'new/out');
    const calls: string[] = [];
    const receiving = await Receiving.prepare({ directory });
    await hookFileCalls(
      [dirname(dirname(directory)), receiving.dataDir],
      (call) => calls.push(labelOf(call, receiving).replace(/ .*\/new$/, ' NEW')),
      () => receiving.run(),
    );
    expectOrder(calls, 'mkdir OUT', 'handle.sync NEW', 'rename DATA/transfers/ID.json.TMP');
  });

  test('is the same for files that an earlier process has written whole', async () => {
    const receiving = await Receiving.prepare();
    const roots = [receiving.directory, receiving.dataDir];
    const broken = await hookFileCalls(
      roots,
      (call) => {
        if (labelOf(call, receiving) === 'handle.sync OUT/STAGING/d')
          throw systemError('EIO', call);
      },
      () => receiving.run(),
    );
    expect(broken.had).toBe(receiving.content.length);
    const calls: string[] = [];
    const run = await hookFileCalls(
      roots,
      (call) => calls.push(labelOf(call, receiving)),
      () => receiving.run(),
    );
    expect([run.error, run.brought]).toEqual([undefined, 0]);
    for (const file of ['d/big', 'd/small', 'd/sub/none', 'solo']) {
      expectOrder(calls, `handle.datasync OUT/STAGING/${file}`, NOTED);
    }
  });

  test('counts for nothing where a sync has failed: that is fetched again', async () => {
    const receiving = await Receiving.prepare();
    await hookFileCalls(
      [receiving.directory],
      (call) => {
        const label = labelOf(call, receiving);
        if (label === 'handle.datasync OUT/STAGING/solo') throw systemError('EIO', call);
      },
      () => receiving.run(),
    );
    const { error, brought } = await receiving.run();
    expect(error).toBeUndefined();
    expect(brought).toBeGreaterThanOrEqual(70_000);
    expect(await receiving.wrongFiles()).toEqual([]);
  });

  test('is: no record without what it is about', async () => {
    const receiving = await Receiving.prepare();
    const calls: string[] = [];
    const { error } = await hookFileCalls(
      [receiving.dataDir],
      (call) => {
        const label = labelOf(call, receiving);
        calls.push(label);
        if (label === 'handle.sync DATA/transfers/ID.content.json') throw systemError('EIO', call);
      },
      () => receiving.run(),
    );
    expect(error).toMatchObject({ code: 'ERR_DATA_DIRECTORY' });
    expect(calls).not.toContain('rename DATA/transfers/ID.json.TMP');
  });

  test('includes each folder that something is merged into', async () => {
    const calls = await recorded({ conflict: 'overwrite' }, async (directory) => {
      await writeFile(join(directory, 'solo'), 'old');
      await mkdir(join(directory, 'd/sub'), { recursive: true });
    });
    expectOrder(calls, 'link OUT/STAGING/d/big', 'handle.sync OUT/d');
    expectOrder(calls, 'link OUT/STAGING/d/sub/none', 'handle.sync OUT/d/sub');
    expectOrder(calls, 'rename OUT/STAGING/solo', 'handle.sync OUT');
  });
});
