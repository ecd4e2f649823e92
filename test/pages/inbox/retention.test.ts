import {
  appendFile,
  chmod,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openInbox } from '../../../src/pages/inbox/open-inbox.js';
import { type PurgedFile, Retention } from '../../../src/pages/inbox/retention.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { withoutRights } from '../../support/without-rights.js';
import { contentsOf, file, runningInbox, upload } from './running-inbox.js';

const RECORD = '.onionferry-received';
const DAY_MS = 24 * 60 * 60_000;

async function visible(directory: string): Promise<Record<string, string>> {
  const all = Object.entries(await contentsOf(directory));
  return Object.fromEntries(all.filter(([name]) => !name.startsWith('.onionferry')));
}

/** Makes all that was received look this much older in the record. */
async function ageBy(directory: string, ms: number): Promise<void> {
  const record = join(directory, RECORD);
  const lines = (await readFile(record, 'utf8')).split('\n').filter((line) => line !== '');
  const older = lines.map((line) =>
    line.replace(/"at":(\d+)/, (_, at) => `"at":${Number(at) - ms}`),
  );
  await writeFile(record, `${older.join('\n')}\n`);
}

/** What an inbox removes that is opened for this folder. */
async function purged(directory: string, keptMs = DAY_MS): Promise<PurgedFile[]> {
  const files: PurgedFile[] = [];
  const retention = await Retention.open({
    ...{ directory, keptMs },
    onPurged: ({ path, bytes }) => void files.push({ path, bytes }),
    onFailed: (_, error) => {
      throw error;
    },
    onRecordFailed: (error) => {
      throw error;
    },
  });
  await retention.close();
  return files;
}

/** A folder that has received these. */
async function received(...names: string[]): Promise<string> {
  const running = await runningInbox({ purgeAfterMs: DAY_MS });
  await upload(running, ...names.map((name) => file(name)));
  await running.inbox.close();
  return running.directory;
}

describe('retention', () => {
  it('removes what was received long enough ago, with the folders that it came in', async () => {
    const directory = await received('old.txt', 'letters/2020/a.txt');
    await writeFile(join(directory, 'mine.txt'), 'mine');
    expect(await purged(directory)).toEqual([]);
    await ageBy(directory, DAY_MS + 1);
    expect(await purged(directory)).toEqual([
      { path: 'old.txt', bytes: 7 },
      { path: 'letters/2020/a.txt', bytes: 18 },
    ]);
    expect(await visible(directory)).toEqual({ 'mine.txt': 'mine' });
    expect(await purged(directory)).toEqual([]);
  });

  it('removes while the inbox runs, and tells it', async () => {
    const files: PurgedFile[] = [];
    const running = await runningInbox({
      // Longer than a busy machine takes from its note of a file to the name.
      purgeAfterMs: 5000,
      onPurged: ({ path, bytes }) => void files.push({ path, bytes }),
    });
    await upload(running, file('a.txt'));
    await expect.poll(() => files).toEqual([{ path: 'a.txt', bytes: 5 }]);
    expect(await visible(running.directory)).toEqual({});
  });

  it('leaves what somebody has changed, replaced or moved', async () => {
    const directory = await received('changed', 'touched', 'replaced', 'moved', 'folder/kept');
    await appendFile(join(directory, 'changed'), '!');
    await utimes(join(directory, 'touched'), new Date(), new Date(Date.now() + 60_000));
    await writeFile(join(directory, 'other'), 'replaced');
    await utimes(join(directory, 'other'), 0, 0);
    await rename(join(directory, 'other'), join(directory, 'replaced'));
    await rename(join(directory, 'moved'), join(directory, 'elsewhere'));
    await writeFile(join(directory, 'folder', 'mine'), 'mine');
    await ageBy(directory, DAY_MS + 1);
    expect(await purged(directory)).toEqual([{ path: 'folder/kept', bytes: 11 }]);
    expect(Object.keys(await visible(directory)).sort()).toEqual([
      ...['changed', 'elsewhere', 'folder/mine', 'replaced', 'touched'],
    ]);
  });

  it('never follows a link, nor a record that leads out of the folder', async () => {
    const directory = await received('folder/a.txt', 'b.txt');
    const outside = await temporaryDirectory();
    await rename(join(directory, 'folder'), join(outside, 'folder'));
    await symlink(join(outside, 'folder'), join(directory, 'folder'));
    await rename(join(directory, 'b.txt'), join(outside, 'b.txt'));
    await symlink(join(outside, 'b.txt'), join(directory, 'b.txt'));
    await ageBy(directory, DAY_MS + 1);
    const lines = await readFile(join(directory, RECORD), 'utf8');
    const up = join('..', outside.slice(outside.lastIndexOf('/') + 1), 'b.txt');
    await appendFile(join(directory, RECORD), lines.replaceAll('"b.txt"', JSON.stringify(up)));
    expect(await purged(directory)).toEqual([]);
    expect(await contentsOf(outside)).toEqual({ 'folder/a.txt': 'folder/a.txt', 'b.txt': 'b.txt' });
  });

  it('neither reads nor writes through a link that has the name of its record', async () => {
    const directory = await received('a.txt');
    await ageBy(directory, DAY_MS + 1);
    const outside = join(await temporaryDirectory(), 'precious');
    await rename(join(directory, RECORD), outside);
    await symlink(outside, join(directory, RECORD));
    const before = await readFile(outside, 'utf8');
    expect(await purged(directory)).toEqual([]);
    const running = await runningInbox({ directory, purgeAfterMs: DAY_MS });
    expect((await upload(running, file('b.txt'))).status).toBe(500);
    expect(await readFile(outside, 'utf8')).toBe(before);
    expect(Object.keys(await visible(directory))).toEqual(['a.txt']);
  });

  it('keeps what it notes of uploads from others', async () => {
    const before = process.umask(0);
    onTestFinished(() => void process.umask(before));
    const directory = await received('a.txt');
    expect((await stat(join(directory, RECORD))).mode & 0o777).toBe(0o600);
    await ageBy(directory, DAY_MS + 1);
    // Written anew.
    await purged(directory);
    expect((await stat(join(directory, RECORD))).mode & 0o777).toBe(0o600);
  });

  it('knows files by the names that they got, and survives a line that was cut off', async () => {
    const directory = await received('a.txt');
    await appendFile(join(directory, RECORD), '{"at":17');
    const running = await runningInbox({ directory, purgeAfterMs: DAY_MS });
    await upload(running, file('a.txt', 'second'));
    await running.inbox.close();
    await ageBy(directory, DAY_MS + 1);
    expect((await purged(directory)).map(({ path }) => path)).toEqual(['a.txt', 'a (1).txt']);
  });

  it('notes a file before it has its name, so that a kill in between forgets nothing', async () => {
    const directory = await temporaryDirectory();
    // A record that cannot be written: nothing may become visible that would stay for ever.
    await mkdir(join(directory, RECORD));
    const running = await runningInbox({ directory, purgeAfterMs: DAY_MS });
    expect((await upload(running, file('a.txt'))).status).toBe(500);
    expect(await visible(directory)).toEqual({});
  });

  it('goes on after its record could not be written, and tells that', async () => {
    const files: string[] = [];
    const warnings: string[] = [];
    const running = await runningInbox({
      purgeAfterMs: 1000,
      onPurged: ({ path }) => void files.push(path),
      onWarning: (message) => void warnings.push(message),
    });
    const { directory } = running;
    const record = join(directory, RECORD);
    await upload(running, file('a.txt'));
    // No file takes the name of a folder that is not empty.
    await rename(record, join(directory, 'aside'));
    await mkdir(join(record, 'taken'), { recursive: true });
    await expect
      .poll(() => warnings)
      .toContainEqual(
        expect.stringMatching(/^the record of what was received could not be written: E/),
      );
    expect(files).toEqual(['a.txt']);
    await rm(record, { recursive: true });
    const text = (): Promise<string> => readFile(record, 'utf8').catch(() => 'none');
    await expect.poll(text, { timeout: 10_000 }).toBe('');
    await upload(running, file('b.txt'));
    await expect.poll(() => files, { timeout: 10_000 }).toEqual(['a.txt', 'b.txt']);
  });

  it('says as an error of ours that a record cannot be read', async () => {
    const directory = await temporaryDirectory();
    await writeFile(join(directory, RECORD), '', { mode: 0 });
    await chmod(directory, 0o777);
    await withoutRights([], async () => {
      await expect(purged(directory)).rejects.toMatchObject({ code: 'ERR_DESTINATION' });
    });
    // It has not kept others out since.
    await chmod(join(directory, RECORD), 0o600);
    expect(await purged(directory)).toEqual([]);
  });

  it('is refused to a second inbox in the same folder', async () => {
    const running = await runningInbox({ purgeAfterMs: DAY_MS });
    const { directory } = running;
    await expect(openInbox({ directory, purgeAfterMs: DAY_MS })).rejects.toMatchObject({
      code: 'ERR_DESTINATION',
    });
    await upload(running, file('a.txt'));
    expect(await visible(directory)).toEqual({ 'a.txt': 'a.txt' });
  });
});
