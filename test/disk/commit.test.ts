import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Commit } from '../../src/disk/commit.js';
import { hookFileCalls, systemError, watchFileCalls } from '../support/file-calls.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

describe('a name that somebody takes at the last moment', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  interface Place {
    readonly staging: string;
    readonly directory: string;
    readonly commit: Commit;
  }

  /** By default what has a name keeps it. */
  async function place(): Promise<Place> {
    const [staging, directory] = [await temporaryDirectory(), await temporaryDirectory()];
    return { staging, directory, commit: new Commit({ staging, directory, conflict: 'rename' }) };
  }

  test.each([
    ['where files have links', false],
    ['where they have none', true],
  ])('stays theirs, and a new file gets a number: %s', async (_, hasNoLinks) => {
    const { staging, directory, commit } = await place();
    await writeFile(join(staging, 'a.txt'), 'ours');
    const moves = await commit.plan(['a.txt']);
    const target = join(directory, 'a.txt');
    let isTaken = false;
    await hookFileCalls(
      [staging],
      (call) => {
        if (call.name !== 'link') return;
        if (!isTaken) writeFileSync(target, 'theirs');
        isTaken = true;
        if (hasNoLinks) throw systemError('EPERM', call);
      },
      () => commit.carryOut(moves),
    );
    expect(isTaken).toBe(true);
    expect(await readFile(target, 'utf8')).toBe('theirs');
    expect(await readFile(join(directory, 'a (1).txt'), 'utf8')).toBe('ours');
    expect(commit.finalPath(['a.txt'])).toBe('a (1).txt');
  });

  test.each([
    ['empty', undefined],
    ['with a file in it', 'theirs'],
  ])('stays theirs if it is a folder, %s, and a new folder gets a number', async (_, content) => {
    const { staging, directory, commit } = await place();
    await mkdir(join(staging, 'album'));
    await writeFile(join(staging, 'album', 'a'), 'ours');
    const moves = await commit.plan(['album']);
    const target = join(directory, 'album');
    mkdirSync(target);
    if (content !== undefined) writeFileSync(join(target, 'a'), content);
    await commit.carryOut(moves);
    expect(await readdir(target)).toEqual(content === undefined ? [] : ['a']);
    expect(await readFile(join(directory, 'album (1)', 'a'), 'utf8')).toBe('ours');
  });
});
