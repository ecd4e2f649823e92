import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A directory for one test, removed after it. */
export async function temporaryDirectory(place: string = tmpdir()): Promise<string> {
  const directory = await mkdtemp(join(place, 'onionferry-test-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * The same in memory where the system has such a place: where a disk's answer to a thousand syncs
 * would only be waited for.
 */
export async function temporaryDirectoryInMemory(): Promise<string> {
  return await temporaryDirectory(existsSync('/dev/shm') ? '/dev/shm' : tmpdir());
}
