import { readdir } from 'node:fs/promises';
import { commandLineOf, isRunning, openBelow, type ProcessId } from './processes.js';
import { temporaryOf } from './stage.js';

/**
 * What a program that has ended has left, besides the data that it is to keep.
 *
 * @param children its processes, as they were known before its end
 */
export async function leftBehind(home: string, children: readonly ProcessId[]): Promise<string[]> {
  const running: string[] = [];
  for (const child of children) {
    if (!(await isRunning(child))) continue;
    running.push(`process ${child.pid} ${await commandLineOf(child.pid)}`);
  }
  return [...running, ...(await namesBelow(temporaryOf(home))), ...(await openBelow(home))];
}

/** Everything in a folder and its folders; nothing if there is no folder. */
export async function namesBelow(directory: string): Promise<string[]> {
  return await readdir(directory, { recursive: true }).catch(() => []);
}
