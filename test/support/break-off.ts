import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 20;

/** Runs a program that writes into `file`, and kills it when that has some bytes. @returns how many */
export async function breakOff(
  [program = '', ...args]: readonly string[],
  file: string,
  bytes: number,
): Promise<number> {
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', '--', program, ...args], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const size = async (): Promise<number> =>
    await stat(file).then(
      ({ size }) => size,
      () => 0,
    );
  while ((await size()) < bytes) {
    if (child.exitCode !== null) throw new Error(`${program} ended before it could be broken off`);
    await sleep(LOOK_EVERY_MS);
  }
  child.kill('SIGKILL');
  await ended;
  return await size();
}
