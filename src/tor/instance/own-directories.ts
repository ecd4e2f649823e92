import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Cleanup } from '../../base/cleanup.js';
import { createRunDirectory } from '../../disk/run-directory.js';
import { type DataDirectory, takeDataDirectory } from '../process/data-directory.js';
import type { Listener } from '../process/torrc.js';
import { findOrInstallTor } from '../program/find-or-install.js';
import type { TorProgram } from '../program/tor-program.js';
import type { StartTorOptions } from './tor.js';

/** Where a tor of our own runs, and runs again when it has ended: its guards and ports stay. */
export interface OwnDirectories {
  readonly program: TorProgram;
  /** Its lock is held all the time, also while no tor runs. */
  readonly data: DataDirectory;
  /** For sockets and keys. */
  readonly directory: string;
  readonly ports: OwnListeners;
}

export interface OwnListeners {
  readonly control: Listener;
  readonly socks: Listener;
  readonly cookieFile: string;
  readonly controlPortFile?: string;
}

/** Finds or installs tor, and takes the directories for it. */
export async function takeOwnDirectories(
  options: StartTorOptions,
  cleanup: Cleanup,
): Promise<OwnDirectories> {
  const { dataDir, signal, onInstall } = options;
  const program = options.found ?? (await findOrInstallTor({ ...options, onProgress: onInstall }));
  const data = await takeDataDirectory(dataDir);
  cleanup.add(data.release);
  const run = await createRunDirectory();
  cleanup.add(run.remove);
  signal?.throwIfAborted();
  return { program, data, directory: run.path, ports: listenersIn(run.path) };
}

/** Removes what a tor that was killed has left: the next must not be taken for it. */
export async function clearOwnDirectories({ ports }: OwnDirectories): Promise<void> {
  const { control, socks, cookieFile, controlPortFile } = ports;
  const sockets = [control, socks].map((port) => (port.kind === 'unix' ? port.path : undefined));
  for (const path of [...sockets, cookieFile, controlPortFile]) {
    if (path !== undefined) await rm(path, { force: true });
  }
}

/** Unix sockets, which no other user can reach; tor has none on Windows. */
function listenersIn(directory: string): OwnListeners {
  const cookieFile = join(directory, 'cookie');
  if (process.platform === 'win32') {
    const controlPortFile = join(directory, 'control-port');
    return { control: { kind: 'auto' }, socks: { kind: 'auto' }, cookieFile, controlPortFile };
  }
  return {
    control: { kind: 'unix', path: join(directory, 'control') },
    socks: { kind: 'unix', path: join(directory, 'socks') },
    cookieFile,
  };
}
