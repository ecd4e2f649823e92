import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnionAddress } from '../../../src/onion/address.js';
import type { SideReport } from '../processes/report.js';
import { watchedToEnd } from '../processes/watched-child.js';
import { isOnPath } from './on-path.js';

const PROGRAM = 'torget';
/** It knows no other. */
const SOCKS = '127.0.0.1:9050';

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
  const usage = await watchedToEnd(child);
  await using file = await open(join(into, 'received'), 'r+');
  await file.sync();
  const seconds = (performance.now() - started) / 1000;
  if ((await file.stat()).size !== bytes) throw new Error(`${PROGRAM} lost something`);
  return { timing: { seconds }, usage };
}
