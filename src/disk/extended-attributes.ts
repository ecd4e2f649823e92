import { closeSync, constants, openSync } from 'node:fs';
import { getAttrSync, listAttrsSync, setAttrSync } from 'fs-native-extensions';
import { systemCode } from '../base/system-error.js';
import { ATTRIBUTES_MAX, type Attributes } from '../stream/manifest.js';
import type { SystemPath } from './names/escaped-name.js';
import { NO_LINK, READ } from './open-flags.js';

/** Those that belong to users (xattr(7)); all others mean something to the system. */
const OWN = 'user.';

/** What a file system says that has none. */
const NONE: readonly (string | undefined)[] = ['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'];

/**
 * The extended attributes of a file or folder, but for those of the system.
 *
 * @returns undefined if there are none
 * @throws the system's error
 */
export function readAttributes(at: SystemPath): Attributes | undefined {
  const fd = openSync(at, READ);
  try {
    const names = listAttrsSync(fd).filter((name) => name.startsWith(OWN));
    const values = names.slice(0, ATTRIBUTES_MAX).flatMap((name) => {
      const value = getAttrSync(fd, name);
      return value === null ? [] : [[name, value.toString('base64')] as const];
    });
    return values.length === 0 ? undefined : Object.fromEntries(values.sort());
  } catch (error) {
    if (NONE.includes(systemCode(error))) return undefined;
    throw error;
  } finally {
    closeSync(fd);
  }
}

/** Sets attributes of users, and no others. @throws the system's error */
export function writeAttributes(at: string, attributes: Attributes): void {
  const fd = openSync(at, constants.O_RDONLY | NO_LINK);
  try {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith(OWN)) setAttrSync(fd, name, Buffer.from(value, 'base64'));
    }
  } finally {
    closeSync(fd);
  }
}
