import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import type { SystemPath } from './names/escaped-name.js';
import { READ } from './open-flags.js';

/** What is wrong with such a file, after its name. */
export const UNTOLD = 'holds more than the 0 bytes that the system says';

/**
 * Whether a file whose size is 0 has content nevertheless, as the kernel's own files in /proc: what
 * relies on the size would take it for empty.
 *
 * @throws the system's error
 */
export function hasUntoldContent(at: SystemPath, flags = 0): boolean {
  const fd = openSync(at, READ | flags);
  try {
    const read = readSync(fd, Buffer.alloc(1), 0, 1, 0);
    // Otherwise it was written just now.
    return read > 0 && fstatSync(fd).size === 0;
  } finally {
    closeSync(fd);
  }
}

/** Whether this is such a file; not if it cannot be read. */
export function isUntoldFile(at: SystemPath): boolean {
  try {
    const stats = statSync(at);
    return stats.isFile() && stats.size === 0 && hasUntoldContent(at);
  } catch {
    return false;
  }
}
