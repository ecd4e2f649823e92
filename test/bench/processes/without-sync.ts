import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Makes this process's fsync a promise that is not kept, so that what it costs can be left out of
 * account. It holds for handles and for descriptors, but not for child processes.
 */
export async function withoutSync(): Promise<void> {
  const nothing = (): Promise<void> => Promise.resolve();
  const later = (_descriptor: number, done: (error: null) => void): void => {
    setImmediate(done, null);
  };
  await using handle = await fs.promises.open('/dev/null');
  // What every handle inherits from has these two, and takes others.
  Object.assign(Object.getPrototypeOf(handle) as object, { sync: nothing, datasync: nothing });
  Object.assign(fs, { fsync: later, fdatasync: later });
  Object.assign(fs, { fsyncSync: () => undefined, fdatasyncSync: () => undefined });
  syncBuiltinESMExports();
}
