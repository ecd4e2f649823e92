import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { authenticate } from '../../../src/tor/control/authenticate.js';
import { ControlConnection } from '../../../src/tor/control/connection.js';
import type { Tor } from '../../../src/tor/instance/tor.js';

/** The directory of a tor's sockets. */
export function runDirectoryOf(tor: Tor): string {
  if (tor.socks.kind !== 'unix') throw new Error('these tests want unix sockets');
  return dirname(tor.socks.path);
}

/** Ports of a tor's, as one attaches to it. */
export function portsOf(tor: Tor): { control: string; socks: string } {
  const directory = runDirectoryOf(tor);
  return { control: join(directory, 'control'), socks: join(directory, 'socks') };
}

/** Asks a tor by a control connection of its own. */
export async function withControl<T>(
  tor: Tor,
  work: (connection: ControlConnection) => Promise<T>,
): Promise<T> {
  const path = join(runDirectoryOf(tor), 'control');
  const connection = await ControlConnection.connect({ kind: 'unix', path });
  try {
    await authenticate(connection);
    return await work(connection);
  } finally {
    connection.close();
  }
}

export async function pidOf(tor: Tor): Promise<number> {
  return Number(await withControl(tor, (connection) => connection.getInfo('process/pid')));
}

/** Whether a process runs; one that only waits to be reaped does not. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}

/** Sockets and files below `directory` that any process has open, as `ss` and /proc tell. */
export async function listensIn(directory: string): Promise<boolean> {
  const { stdout } = await promisify(execFile)('cat', ['/proc/net/unix']);
  return stdout.includes(directory);
}
