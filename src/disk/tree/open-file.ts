import { closeSync, fstatSync, openSync } from 'node:fs';
import { systemCode } from '../../base/system-error.js';
import { READ } from '../open-flags.js';
import type { OpenFile } from './folder.js';

/** What a system says of something that is missing, is something else, or may not be read. */
const NOT_THERE: readonly (string | undefined)[] = [
  'ENOENT',
  'ENOTDIR',
  'EISDIR',
  'ELOOP',
  'EMLINK',
  'EACCES',
  'EPERM',
  'ENXIO',
  'ENODEV',
  'ENAMETOOLONG',
  'EINVAL',
];

/** @returns undefined if what is looked for is not there; other failures are thrown */
export function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (NOT_THERE.includes(systemCode(error))) {
      return undefined;
    }
    throw error;
  }
}

/** @param flags in addition to those for reading */
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
