import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnionAddress } from '../../../src/onion/address.js';
import type { SideReport } from '../processes/report.js';
import { cpuSecondsOf, peakRssOf } from '../processes/usage-of.js';
import { isOnPath } from './on-path.js';

const PROGRAM = 'torget';
/** It knows no other. */
const SOCKS = '127.0.0.1:9050';
const LOOK_EVERY_MS = 50;

export function hasTorget(): boolean {
  return isOnPath(PROGRAM);
}

/** What the recipient's tor needs for it. */
export function torgetTorrc(): string {
  return hasTorget() ? `SocksPort ${SOCKS}\n` : '';
}

/** Fetches `bytes` by torget as it comes: it decides how many circuits to draw and to keep. */
export async function fetchByTorget(
  onion: OnionAddress,
  bytes: number,
  into: string,
): Promise<SideReport> {
  const started = performance.now();
  const child = spawn(PROGRAM, [`http://${onion}/received`], { cwd: into, stdio: 'ignore' });
  const exit = once(child, 'exit');
  const pid = child.pid ?? 0;
  let cpuSeconds = 0;
  let peakRssBytes = 0;
  // What it used cannot be asked once it has ended.
  const looking = setInterval(() => {
    cpuSeconds = Math.max(cpuSeconds, cpuSecondsOf(pid));
    peakRssBytes = Math.max(peakRssBytes, peakRssOf(pid) ?? 0);
  }, LOOK_EVERY_MS);
  try {
    // `exit` is emitted with a status or null.
    const [status] = (await exit) as [number | null];
    if (status !== 0) throw new Error(`${PROGRAM} ended with ${String(status)}`);
  } finally {
    clearInterval(looking);
  }
  await using file = await open(join(into, 'received'), 'r+');
  await file.sync();
  const seconds = (performance.now() - started) / 1000;
  if ((await file.stat()).size !== bytes) throw new Error(`${PROGRAM} lost something`);
  return { timing: { seconds }, usage: { cpuSeconds, peakRssBytes, rssBytes: [] } };
}
