import type { BigIntStats } from 'node:fs';
import { OnionferryError } from '../../base/errors.js';
import { type SystemPath, shownPath } from '../../disk/names/escaped-name.js';

/** How a file is recognised as the one that was scanned. */
export interface FileIdentity {
  readonly path: SystemPath;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/**
 * @param mayGrow whether a file that is longer now is good for what it held when it was scanned, as a
 *   log is, to which others only append
 * @throws OnionferryError ERR_SOURCE_CHANGED unless `now` is the file that was scanned
 */
export function assertUnchanged(now: BigIntStats, file: FileIdentity, mayGrow = false): void {
  const isSameFile = now.dev === file.dev && now.ino === file.ino;
  if (!isSameFile || now.size < file.size) throw changed(file);
  if (mayGrow) return;
  if (now.size > file.size) throw grown(file);
  if (now.mtimeNs !== file.mtimeNs || now.ctimeNs !== file.ctimeNs) throw changed(file);
}

function grown(file: FileIdentity): OnionferryError {
  return new OnionferryError(
    'ERR_SOURCE_CHANGED',
    `${shownPath(file.path)} has grown since it was offered; to send such files as long as they were then, use --growing`,
  );
}

export function changed(file: FileIdentity): OnionferryError {
  return new OnionferryError(
    'ERR_SOURCE_CHANGED',
    `${shownPath(file.path)} changed while it was being sent; send it again`,
  );
}
