import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Conflict } from '../../../src/disk/commit.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import { hookFileCalls, systemError, watchFileCalls } from '../../support/file-calls.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { labelOf, manySmall, NAMES, Receiving, type Run, visible } from '../support/receiving.js';

const MANY = manySmall(400);
const ALL = MANY.manifest.entries.map(({ path: [name = ''] }) => name).sort();

describe('a recipient that is killed while files get their final names', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  /** Runs a process after whose last call nothing reaches the disk any more, as after a kill. */
  async function killed(
    receiving: Receiving,
    isLast: (call: string) => boolean,
    { withLinks = true } = {},
  ): Promise<Run> {
    let isDead = false;
    return await hookFileCalls(
      [receiving.directory, receiving.dataDir],
      (call) => {
        if (isDead) throw systemError('EIO', call);
        isDead = isLast(labelOf(call, receiving));
        if (!withLinks && call.name === 'link') throw systemError('EPERM', call);
      },
      () => receiving.run(),
    );
  }

  test.each<Conflict>([
    'rename',
    'fail',
    'skip',
    'overwrite',
  ])('is followed by one that gives the rest theirs: none twice, none lost (%s)', async (conflict) => {
    const receiving = await Receiving.prepare({ ...MANY, conflict });
    let links = 0;
    await killed(receiving, (call) => call.startsWith('link') && ++links === 137);
    expect(await visible(receiving.directory)).toHaveLength(137);
    const { brought, error, received } = await receiving.run();
    expect(error).toBeUndefined();
    expect(brought).toBe(0);
    expect(await visible(receiving.directory)).toEqual(ALL);
    expect(await receiving.wrongFiles()).toEqual([]);
    expect(received?.files.map((file) => file.path).sort()).toEqual(ALL);
    expect(received?.warnings).toEqual([]);
    expect(await receiving.leftBehind()).toEqual([]);
  });

  test.each([
    [true, 'with links'],
    [false, 'without links'],
  ])('at any call is followed by one that finishes (%s: a file system %s)', async (withLinks) => {
    /** Those from the first note on. When the journal is written is a matter of time. */
    const from = (calls: string[], call: string): boolean => {
      const isFirst = calls.length > 0 || call.includes('.moves.TMP');
      return isFirst && !call.endsWith('ID.journal') && calls.push(call) > 0;
    };
    const calls: string[] = [];
    await killed(await Receiving.prepare(), (call) => from(calls, call) && false, { withLinks });
    // From there on the sender has its receipt, and there is nothing to resume.
    const end = calls.findIndex((call) => /^rm DATA\S+ID.json$/.test(call));
    for (let last = 0; last < end; last++) {
      const receiving = await Receiving.prepare();
      const made: string[] = [];
      await killed(receiving, (call) => from(made, call) && made.length > last, { withLinks });
      expect(made).toEqual(calls.slice(0, last + 1));
      const what = `killed after ${calls[last] ?? ''}`;
      const { error } = await receiving.run();
      expect(error, what).toBeUndefined();
      expect(await visible(receiving.directory), what).toEqual(NAMES);
      expect(await receiving.wrongFiles(), what).toEqual([]);
    }
  });

  test('is followed by one that takes other numbers, if somebody has taken its names meanwhile', async () => {
    const receiving = await Receiving.prepare(MANY);
    let links = 0;
    await killed(receiving, (call) => call.startsWith('link') && ++links === 399);
    const seen = new Set(await visible(receiving.directory));
    const last = ALL.find((name) => !seen.has(name)) ?? '';
    await writeFile(join(receiving.directory, last), 'mine');
    expect((await receiving.run()).error).toBeUndefined();
    expect(await readFile(join(receiving.directory, last), 'utf8')).toBe('mine');
    expect(await visible(receiving.directory)).toEqual([...ALL, `${last} (1)`].sort());
  });

  test.each([
    ['its data directory', true],
    ['its data directory and where it is received', false],
  ])('gives none that a later process would give again, if there is no room in %s', async (_, isRoom) => {
    const receiving = await Receiving.prepare(MANY);
    let links = 0;
    const full = await hookFileCalls(
      [receiving.directory, receiving.dataDir],
      (call) => {
        const label = labelOf(call, receiving);
        const isOfMoves = call.name === 'open' && label.includes('.moves');
        if (isOfMoves && (label.includes('DATA') || !isRoom)) throw systemError('ENOSPC', call);
        if (call.name === 'link' && ++links > 100) throw systemError('EIO', call);
      },
      () => receiving.run(),
    );
    expect(full.error).toMatchObject({
      code: isRoom ? 'ERR_DESTINATION' : 'ERR_DISK_FULL',
      message: expect.stringContaining('What has arrived is kept') as unknown,
    });
    expect(await visible(receiving.directory)).toHaveLength(isRoom ? 100 : 0);
    const { error, brought } = await receiving.run();
    expect(error).toBeUndefined();
    expect(brought).toBe(0);
    expect(await visible(receiving.directory)).toEqual(ALL);
    expect(await receiving.leftBehind()).toEqual([]);
  });

  test.each([
    ['it was killed', 137],
    ['it was killed early', 1],
  ])('is followed by one that fetches again what somebody has removed from its folder after %s', async (_, moved) => {
    const receiving = await Receiving.prepare({ ...MANY, conflict: 'overwrite' });
    let links = 0;
    await killed(receiving, (call) => call.startsWith('link') && ++links === moved);
    // As a cleaner of temporary files does, which leaves the folder itself.
    const staging = (await readdir(receiving.directory)).find((name) => name.startsWith('.')) ?? '';
    for (const name of await readdir(join(receiving.directory, staging))) {
      await rm(join(receiving.directory, staging, name), { recursive: true });
    }
    const { error, received } = await receiving.run();
    expect(error).toBeUndefined();
    expect(received?.files).toHaveLength(400);
    expect(await visible(receiving.directory)).toEqual(ALL);
    expect(await receiving.wrongFiles()).toEqual([]);
  });

  test('does not bring back what a person has taken away since', async () => {
    const receiving = await Receiving.prepare(MANY);
    let links = 0;
    await killed(receiving, (call) => call.startsWith('link') && ++links === 300);
    const [first = ''] = MANY.manifest.entries.map(({ path: [name] }) => name);
    await rm(join(receiving.directory, first));
    const { error, brought } = await receiving.run();
    expect(error).toBeUndefined();
    expect(brought).toBe(0);
    expect(await visible(receiving.directory)).toEqual(ALL.filter((name) => name !== first));
  });

  test('tells nobody that it has what was removed in the last moment, and fetches that again', async () => {
    const receiving = await Receiving.prepare(MANY);
    const last = ALL.at(-1) ?? '';
    const { error } = await hookFileCalls(
      [receiving.directory, receiving.dataDir],
      (call) => {
        const label = labelOf(call, receiving);
        if (label.startsWith('rename DATA') && label.includes('.moves.TMP')) {
          const folder = readdirSync(receiving.directory).find((name) => name.startsWith('.'));
          rmSync(join(receiving.directory, folder ?? '', last));
        }
      },
      () => receiving.run(),
    );
    expect(error).toMatchObject({
      code: 'ERR_DESTINATION',
      message: expect.stringMatching(
        /removed by somebody else.*What has arrived is kept/,
      ) as unknown,
    });
    const { error: none, received } = await receiving.run();
    expect(none).toBeUndefined();
    expect(await visible(receiving.directory)).toContain(last);
    expect(received?.files).toHaveLength(400);
  });

  test('leaves none of them, if it fails in the middle and cannot be resumed', async () => {
    const directory = await temporaryDirectory();
    const { manifest, content } = manySmall(3);
    const destination = await openDestination({ directory, manifest, conflict: 'rename' });
    await destination.write(0, content);
    destination.verify(() => undefined);
    let links = 0;
    const finishing = hookFileCalls(
      [directory],
      (call) => {
        if (call.name === 'link' && ++links === 3) throw systemError('EIO', call);
      },
      () => destination.finish(content.length),
    );
    await expect(finishing).rejects.toMatchObject({ code: 'ERR_DESTINATION' });
    await destination.discard();
    expect(await readdir(directory)).toEqual([]);
  });

  test('is followed by one that knows which number a file got, whose name was taken meanwhile', async () => {
    const receiving = await Receiving.prepare({ conflict: 'overwrite' });
    let links = 0;
    await killed(receiving, (call) => {
      if (call !== 'link OUT/STAGING/solo' || ++links === 2) return links === 2;
      mkdirSync(join(receiving.directory, 'solo'));
      return false;
    });
    expect(await visible(receiving.directory)).toContain('solo (1)');
    expect((await receiving.run()).error).toBeUndefined();
    expect(await visible(receiving.directory)).toEqual([
      ...NAMES.filter((name) => name !== 'solo'),
      'solo (1)',
    ]);
  });

  test('loses nothing if a name was taken meanwhile and none may be changed (fail)', async () => {
    const receiving = await Receiving.prepare({ conflict: 'fail' });
    await killed(receiving, (call) => call.startsWith('handle.datasync'));
    await mkdir(join(receiving.directory, 'd'));
    await writeFile(join(receiving.directory, 'solo'), 'mine');
    const refused = await receiving.run();
    expect(refused.error).toMatchObject({
      code: 'ERR_CONFLICT',
      message: expect.stringMatching(/solo.*What has arrived is kept: move that away/) as unknown,
    });
    expect(await readFile(join(receiving.directory, 'solo'), 'utf8')).toBe('mine');
    await rm(join(receiving.directory, 'solo'));
    const { error, brought } = await receiving.run();
    expect(error).toBeUndefined();
    expect(brought).toBe(0);
    expect(await receiving.wrongFiles('mine')).toEqual([]);
  });
});
