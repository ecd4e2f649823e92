import { closeSync, constants, fstatSync, openSync } from 'node:fs';
import type { OpenFile } from './folder.js';
import { ifThere } from './if-there.js';

/**
 * A pipe must not hold up the open, nor a terminal become ours; what it is shows afterwards.
 * (Windows has neither flag; there they count as none.)
 */
const READ = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** @param flags besides those for reading */
export function openFile(path: string, flags = 0): OpenFile | undefined {
  const fd = ifThere(() => openSync(path, READ | flags));
  if (fd === undefined) return undefined;
  const stats = fstatSync(fd, { bigint: true });
  if (!stats.isFile()) {
    closeSync(fd);
    return undefined;
  }
  return { fd, stats, [Symbol.dispose]: () => closeSync(fd) };
}
