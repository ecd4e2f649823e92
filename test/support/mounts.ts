import { execFile } from 'node:child_process';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onTestFinished } from 'vitest';
import { Cleanup } from '../../src/base/cleanup.js';
import { temporaryDirectory } from './temporary-directory.js';

const execute = promisify(execFile);
const MIB = 1024 * 1024;

export type FileSystem = 'tmpfs' | 'ramfs' | 'exfat' | 'fat';

/**
 * Mounts an empty file system for one test: exFAT on a loop device, and FAT in a file, both by FUSE,
 * as not every kernel knows them.
 *
 * @returns its folder
 * @throws Error that says what is missing
 */
export async function mounted(type: FileSystem, size = 16 * MIB): Promise<string> {
  const made = await mountAt(join(await temporaryDirectory(), 'mounted'), type, size);
  onTestFinished(async () => await made[Symbol.asyncDispose]());
  return made.path;
}

interface Mounted extends AsyncDisposable {
  readonly path: string;
}

/** As `mounted`, on a folder that is made, until it is disposed of. */
export async function mountAt(directory: string, type: FileSystem, size: number): Promise<Mounted> {
  await mkdir(directory, { recursive: true });
  const cleanup = new Cleanup();
  try {
    await mount(directory, type, size, cleanup);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
  // What a failed test has left open keeps nothing mounted.
  cleanup.add(async () => {
    await run('umount', '--lazy', directory);
  });
  return { path: directory, [Symbol.asyncDispose]: () => cleanup.run() };
}

async function mount(
  directory: string,
  type: FileSystem,
  size: number,
  cleanup: Cleanup,
): Promise<void> {
  if (type === 'tmpfs') {
    await run('mount', '-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', directory);
  } else if (type === 'ramfs') {
    await run('mount', '-t', 'ramfs', 'ramfs', directory);
  } else if (type === 'exfat') {
    const image = await imageOf(size);
    await run('mkfs.exfat', image);
    const device = (await run('losetup', '--find', '--show', image)).trim();
    cleanup.add(async () => {
      await run('losetup', '--detach', device);
    });
    await run('mount.exfat-fuse', device, directory);
  } else {
    const image = await imageOf(size);
    await run('mkfs.vfat', image);
    await run('fusefat', '-o', 'rw+', image, directory);
  }
}

/** Changes how a mounted file system may be used, as an administrator or a failing disk does. */
export async function remount(directory: string, access: 'ro' | 'rw'): Promise<void> {
  await run('mount', '-o', `remount,${access}`, directory);
}

/** Writes a file in a mounted folder until its disk is full. @returns frees the room again */
export async function fillDisk(directory: string): Promise<() => Promise<void>> {
  const ballast = join(directory, 'ballast');
  await using file = await open(ballast, 'w');
  // At the end what is less than a block.
  for (const bytes of [MIB, 4096, 64]) {
    const block = Buffer.alloc(bytes);
    try {
      for (;;) await file.write(block);
    } catch {
      // It is full.
    }
  }
  return () => rm(ballast);
}

async function imageOf(size: number): Promise<string> {
  const image = join(await temporaryDirectory(), 'image');
  await using file = await open(image, 'w');
  await file.truncate(size);
  return image;
}

async function run(command: string, ...args: readonly string[]): Promise<string> {
  try {
    return (await execute(command, args)).stdout;
  } catch (cause) {
    throw new Error(
      `${command} failed: this test mounts file systems, which needs root with CAP_SYS_ADMIN, /dev/fuse, a loop device, and the packages that .ci/run installs`,
      { cause },
    );
  }
}
