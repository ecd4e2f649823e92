import { link, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { FolderDestination } from '../../../src/transfer/destination/folder-destination.js';
import { CHUNK, type Kept, kept } from './resumable.js';

const SIZE = 2 * CHUNK;

/** Suspended when all was written. */
async function suspended(): Promise<{ transfer: Kept; staging: string }> {
  const transfer = await kept([SIZE]);
  const first = await transfer.open();
  await transfer.write(first, 0);
  await first.suspend();
  return { transfer, staging: first.staging };
}

async function reopened(transfer: Kept, staging: string): Promise<FolderDestination> {
  const destination = await transfer.open(staging);
  onTestFinished(() => destination.discard());
  return destination;
}

describe('a destination that is reopened', () => {
  test('writes nothing into a file that has its final name already', async () => {
    const { transfer, staging } = await suspended();
    // A name is given by a link; a kill just then leaves the name before standing as well.
    const named = join(transfer.directory, 'f0');
    await link(join(staging, 'd/f0'), named);
    await writeFile(named, 'what somebody has made of it since');
    const destination = await reopened(transfer, staging);
    await transfer.complete(destination);
    expect(await readFile(named, 'utf8')).toBe('what somebody has made of it since');
    const whole = await readFile(join(transfer.directory, 'd/f0'));
    expect(whole.equals(transfer.content)).toBe(true);
  });

  test('is not disturbed by what is beside it', async () => {
    const { transfer, staging } = await suspended();
    await mkdir(`${staging}.mode`);
    const destination = await reopened(transfer, staging);
    expect(destination.written.bytes).toBe(SIZE);
  });
});
