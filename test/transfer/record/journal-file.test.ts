import { type FileHandle, open, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { equalBytes } from '../../../src/base/bytes.js';
import { silentLogger } from '../../../src/base/logger.js';
import { FRAME_CONTENT_BYTES } from '../../../src/stream/frame.js';
import { JournalFile, type JournalOptions } from '../../../src/transfer/record/journal-file.js';
import { MoveJournal } from '../../../src/transfer/record/move-journal.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** A longer wait would never end. */
const PATIENCE_MS = 60_000;

const chunk = new Uint8Array(FRAME_CONTENT_BYTES).fill(5);

async function options(): Promise<JournalOptions> {
  const path = join(await temporaryDirectory(), 'journal');
  const key = new Uint8Array(32).fill(7);
  return { path, key, end: 4 * FRAME_CONTENT_BYTES, logger: silentLogger };
}

test('a journal tells the next process what was noted, by the MACs of its own key', async () => {
  const given = await options();
  const first = await JournalFile.open(given);
  first.note(2, chunk);
  await first.close();
  const second = await JournalFile.open(given);
  expect([...second.before.keys()]).toEqual([2]);
  expect(equalBytes(second.before.get(2)!, second.macOf(2, chunk))).toBe(true);
  await second.close();
  const other = await JournalFile.open({ ...given, key: new Uint8Array(32) });
  expect(equalBytes(other.before.get(2)!, other.macOf(2, chunk))).toBe(false);
  await other.close();
  await other.remove();
  await expect(stat(given.path)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('a journal that cannot be written says so once, and writes it with what comes next', async () => {
  const details: string[] = [];
  const logger = { ...silentLogger, debug: (message: string): void => void details.push(message) };
  const given = await options();
  const journal = await JournalFile.open({ ...given, logger });
  const full = Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' });
  await using anyFile = await open(given.path);
  const writes = vi.spyOn(Object.getPrototypeOf(anyFile) as FileHandle, 'write');
  writes.mockRejectedValueOnce(full).mockRejectedValueOnce(full);
  onTestFinished(() => writes.mockRestore());
  for (const number of [0, 1, 2]) {
    journal.note(number, chunk);
    // Each batch is written by itself.
    await vi.waitFor(() => expect(writes.mock.results).toHaveLength(number + 1), PATIENCE_MS);
  }
  await journal.close();
  expect(details).toEqual([expect.stringMatching(/journal cannot be written.*ENOSPC/)]);
  const next = await JournalFile.open(given);
  expect([...next.before.keys()]).toEqual([0, 1, 2]);
  await next.close();
});

test('a journal does not believe what was taken back', async () => {
  const given = await options();
  const journal = await JournalFile.open(given);
  journal.note(0, chunk);
  journal.note(1, chunk);
  journal.discredit(0);
  await journal.close();
  const next = await JournalFile.open(given);
  expect([...next.before.keys()]).toEqual([1]);
  await next.close();
});

test('a journal, and the moves beside it, are not written through a link', async () => {
  const given = await options();
  const elsewhere = join(await temporaryDirectory(), 'elsewhere');
  await writeFile(elsewhere, 'mine');
  await symlink(elsewhere, given.path);
  await expect(JournalFile.open(given)).rejects.toMatchObject({ code: 'ERR_DATA_DIRECTORY' });
  await symlink(elsewhere, `${given.path}.moves`);
  const moves = MoveJournal.beside(given.path, await temporaryDirectory());
  const noting = moves.append([{ from: ['a'], to: ['b'] }]);
  await expect(noting).rejects.toMatchObject({ code: 'ERR_DESTINATION' });
  expect(await readFile(elsewhere, 'utf8')).toBe('mine');
});
