import { randomBytes } from 'node:crypto';
import {
  appendFile,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ContentLayout } from '../../../src/stream/content-layout.js';
import { JOURNAL_RECORD_BYTES } from '../../../src/stream/journal.js';
import type { Range } from '../../../src/stream/ranges.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import type { FolderDestination } from '../../../src/transfer/destination/folder-destination.js';
import { MoveJournal } from '../../../src/transfer/record/move-journal.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { CHUNK, type Kept, kept, parts } from './resumable.js';

/** Several large files, and small ones that share chunks with each other and with them. */
const SIZES = [3 * CHUNK + 5, 100, 0, 70_000, 300, 2 * CHUNK, 1];
const END = SIZES.reduce((sum, size) => sum + size, 0);

/** A first process that writes [0, end) and is then gone. */
async function broken(transfer: Kept, end = END): Promise<string> {
  const first = await transfer.open();
  await transfer.write(first, 0, end);
  await first.suspend();
  return first.staging;
}

/** Brings what is missing and whatever proves to be damaged, and checks every file. */
async function complete(transfer: Kept, destination: FolderDestination): Promise<readonly Range[]> {
  onTestFinished(() => destination.discard());
  const { files, corrupt } = await transfer.complete(destination);
  const expected = parts(new ContentLayout(transfer.manifest), transfer.content);
  for (const [i, file] of files.entries()) {
    const written = await readFile(join(transfer.directory, file.path));
    expect(written.equals(expected[i]!)).toBe(true);
  }
  expect(files).toHaveLength(SIZES.length);
  expect(await readdir(transfer.directory)).toEqual(['d']);
  return corrupt;
}

async function flip(path: string, offset: number): Promise<void> {
  const file = await open(path, 'r+');
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, offset);
  await file.write(Buffer.of((byte[0] ?? 0) ^ 1), 0, 1, offset);
  await file.close();
}

describe('a destination that was suspended', () => {
  test('resumes with what it had, and asks for nothing twice', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer, 4 * CHUNK);
    expect(await readdir(transfer.directory)).toEqual([expect.stringMatching(/\.part$/)]);
    const again = await transfer.open(staging);
    expect([...again.written]).toEqual([[0, 4 * CHUNK]]);
    expect(await complete(transfer, again)).toEqual([]);
  });

  test('resumes at any chunk, any number of times', async () => {
    const transfer = await kept(SIZES);
    let staging: string | undefined;
    for (let at = 0; at < END; at += CHUNK) {
      const destination = await transfer.open(staging);
      staging = destination.staging;
      expect(destination.written.bytes).toBe(at);
      await transfer.write(destination, at, Math.min(at + CHUNK, END));
      await destination.suspend();
    }
    expect(await complete(transfer, await transfer.open(staging))).toEqual([]);
  });

  test('finds each damaged chunk, in large files and in small ones, and takes it again', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer);
    await flip(join(staging, 'd/f0'), 0);
    await flip(join(staging, 'd/f0'), 2 * CHUNK + 17);
    await flip(join(staging, 'd/f4'), 299);
    const again = await transfer.open(staging);
    expect(again.written.bytes).toBe(END);
    const corrupt = await complete(transfer, again);
    expect(corrupt).toEqual([
      [0, CHUNK],
      [2 * CHUNK, 3 * CHUNK],
      [3 * CHUNK, 4 * CHUNK],
    ]);
  });

  test('tells all damage without waiting for the first to be mended', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer);
    for (const chunk of [0, 1, 2]) await flip(join(staging, 'd/f0'), chunk * CHUNK);
    const again = await transfer.open(staging);
    onTestFinished(() => again.discard());
    await new Promise<void>((resolve) => {
      let told = 0;
      again.verify(() => {
        if (++told === 3) resolve();
      });
    });
  });

  test('finds what was cut off or removed, also after it was opened', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer);
    const again = await transfer.open(staging);
    await rm(join(staging, 'd/f1'));
    await truncate(join(staging, 'd/f5'), CHUNK);
    expect((await complete(transfer, again)).length).toBeGreaterThan(0);
  });

  test('does not believe chunks whose file is missing or too short', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer);
    await rm(join(staging, 'd/f3'));
    await truncate(join(staging, 'd/f0'), CHUNK);
    const again = await transfer.open(staging);
    expect([...again.written]).toEqual([
      [0, CHUNK],
      [4 * CHUNK, END],
    ]);
    expect(await complete(transfer, again)).toEqual([]);
  });

  test('cuts off half a record of the journal, and continues after it', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer, 3 * CHUNK);
    await truncate(transfer.journal, 3 * JOURNAL_RECORD_BYTES - 1);
    const again = await transfer.open(staging);
    expect([...again.written]).toEqual([[0, 2 * CHUNK]]);
    await transfer.write(again, 2 * CHUNK, 4 * CHUNK);
    await again.suspend();
    expect((await stat(transfer.journal)).size).toBe(4 * JOURNAL_RECORD_BYTES);
    const last = await transfer.open(staging);
    expect([...last.written]).toEqual([[0, 4 * CHUNK]]);
    expect(await complete(transfer, last)).toEqual([]);
  });

  test('believes nothing that a foreign journal says', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer);
    await writeFile(transfer.journal, randomBytes(1000 * JOURNAL_RECORD_BYTES + 3));
    expect(await complete(transfer, await transfer.open(staging))).toEqual([]);
    // Records that fit, but for other content.
    const other = await kept(SIZES);
    const otherStaging = await broken(other);
    const foreign = await kept(SIZES);
    const foreignStaging = await broken(foreign);
    await writeFile(foreign.journal, await readFile(other.journal));
    expect(await complete(foreign, await foreign.open(foreignStaging))).toHaveLength(
      Math.ceil(END / CHUNK),
    );
    await (await other.open(otherStaging)).discard();
  });

  test('resumes where a process was killed while it was finishing', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer);
    for (const name of await readdir(join(staging, 'd'))) {
      const file = await open(join(staging, 'd', name), 'r');
      await file.chmod(0o400);
      await file.close();
    }
    await flip(join(staging, 'd/f0'), 0).catch(() => undefined);
    await complete(transfer, await transfer.open(staging));
  });

  test('is gone after a discard, with its journal', async () => {
    const transfer = await kept(SIZES);
    const again = await transfer.open(await broken(transfer, CHUNK));
    await again.discard();
    expect(await readdir(transfer.directory)).toEqual([]);
    await expect(stat(transfer.journal)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('ends a finish that waits for what is damaged', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer);
    await flip(join(staging, 'd/f0'), 5);
    const again = await transfer.open(staging);
    const corrupt = new Promise((resolve) => again.verify((start) => resolve(start)));
    const finishing = again.finish(END);
    finishing.catch(() => undefined);
    expect(await corrupt).toBe(0);
    await again.suspend();
    await expect(finishing).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await complete(transfer, await transfer.open(staging));
  });

  test('keeps nothing of content whose length nobody knows', async () => {
    const transfer = await kept([CHUNK]);
    const { directory, journal } = transfer;
    const entry = { type: 'file', path: ['piped'], size: null, mode: 0o644, mtime: 0 } as const;
    const resume = { journal, key: new Uint8Array(32) };
    const manifest = { kind: 'files', entries: [entry] } as const;
    const piped = await openDestination({ directory, manifest, conflict: 'rename', resume });
    await piped.write(0, transfer.content);
    await piped.suspend();
    expect(await readdir(directory)).toEqual([]);
  });
});

describe('a staging folder that was tampered with', () => {
  test('is not taken up if it is a link, elsewhere, or gone', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer, CHUNK);
    const elsewhere = join(await temporaryDirectory(), '.onionferry-0123456789ab.part');
    await rename(staging, elsewhere);
    await expect(transfer.open(staging)).rejects.toMatchObject({ code: 'ERR_DESTINATION' });
    await expect(transfer.open(elsewhere)).rejects.toMatchObject({ code: 'ERR_DESTINATION' });
    await symlink(elsewhere, staging);
    await expect(transfer.open(staging)).rejects.toMatchObject({ code: 'ERR_DESTINATION' });
    expect(await readdir(join(elsewhere, 'd'))).toEqual(['f0']);
  });

  test('is never written through: links in it are removed, whatever they stand for', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer, CHUNK);
    const precious = await temporaryDirectory();
    for (const name of ['f0', 'f1', 'f5']) await writeFile(join(precious, name), 'precious');
    await rm(join(staging, 'd'), { recursive: true });
    await symlink(precious, join(staging, 'd'));
    const second = await transfer.open(staging);
    expect(second.written.bytes).toBe(0);
    await second.suspend();
    for (const name of ['f0', 'f1', 'f5']) {
      await rm(join(staging, 'd', name), { force: true });
      await symlink(join(precious, name), join(staging, 'd', name));
    }
    await complete(transfer, await transfer.open(staging));
    for (const name of ['f0', 'f1', 'f5']) {
      expect(await readFile(join(precious, name), 'utf8')).toBe('precious');
    }
  });

  test('fails rather than write through a link that appears meanwhile', async () => {
    for (const [name, position, length] of [
      ['f0', 0, CHUNK],
      ['f1', 3 * CHUNK, CHUNK],
    ] as const) {
      const transfer = await kept(SIZES);
      const destination = await transfer.open();
      onTestFinished(() => destination.discard());
      const precious = join(await temporaryDirectory(), 'precious');
      await writeFile(precious, 'precious');
      await symlink(precious, join(destination.staging, 'd', name));
      await expect(transfer.write(destination, position, position + length)).rejects.toMatchObject({
        code: 'ERR_DESTINATION',
      });
      expect(await readFile(precious, 'utf8')).toBe('precious');
    }
  });

  test('has folders and files that do not belong there replaced', async () => {
    const transfer = await kept(SIZES);
    const staging = await broken(transfer);
    await rm(join(staging, 'd/f1'));
    await mkdir(join(staging, 'd/f1'));
    await appendFile(join(staging, 'd/f5'), 'too long');
    expect(await complete(transfer, await transfer.open(staging))).toEqual([]);
  });
});

test('notes of another transfer that were left beside the journal count for nothing', async () => {
  const transfer = await kept([10, 20]);
  const moves = MoveJournal.beside(transfer.journal, transfer.directory);
  await moves.create({ moves: [], done: 0, hashes: new Map(), warnings: [] });
  const first = await transfer.open();
  await first.suspend();
  const { files } = await transfer.complete(await transfer.open(first.staging));
  expect(files.map(({ path }) => path)).toEqual(['d/f0', 'd/f1']);
});
