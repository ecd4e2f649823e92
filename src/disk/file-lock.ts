import { open } from 'node:fs/promises';
import { tryLock } from 'fs-native-extensions';

export interface FileLock extends AsyncDisposable {
  /** A process that inherits this descriptor holds the lock as well. */
  readonly fd: number;
  /** Releases it. The file stays: removing it could remove the next holder's. */
  readonly release: () => Promise<void>;
}

/**
 * Takes the lock of `path`, a file that is made if needed. The kernel releases it when the last
 * process that holds it has ended, however it ended, so no lock is ever stale.
 *
 * @returns undefined if somebody else holds it, in this process or another
 */
export async function tryLockFile(
  path: string,
  options: { readonly create?: boolean } = {},
): Promise<FileLock | undefined> {
  const file = await open(path, options.create === false ? 'r+' : 'a+', 0o600);
  let locked = false;
  try {
    locked = tryLock(file.fd);
  } finally {
    if (!locked) await file.close();
  }
  if (!locked) return undefined;
  let released: Promise<void> | undefined;
  // Whatever closing says, the descriptor is gone, and the lock with it.
  const release = (): Promise<void> => (released ??= file.close().catch(() => undefined));
  return { fd: file.fd, release, [Symbol.asyncDispose]: release };
}
