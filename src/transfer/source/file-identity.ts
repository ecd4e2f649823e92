import type { BigIntStats } from 'node:fs';
import { OnionferryError } from '../../base/errors.js';

/** How a file is recognised as the one that was scanned. */
export interface FileIdentity {
  readonly path: string;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** @throws OnionferryError ERR_SOURCE_CHANGED unless `now` is the file that was scanned */
export function assertUnchanged(now: BigIntStats, file: FileIdentity): void {
  const same =
    now.dev === file.dev &&
    now.ino === file.ino &&
    now.size === file.size &&
    now.mtimeNs === file.mtimeNs &&
    now.ctimeNs === file.ctimeNs;
  if (!same) throw changed(file);
}

export function changed(file: FileIdentity): OnionferryError {
  return new OnionferryError(
    'ERR_SOURCE_CHANGED',
    `${file.path} changed while it was being sent; send it again`,
  );
}
