import { chmod } from 'node:fs/promises';

const NOBODY = 65_534;

/**
 * Runs `work` as a user whom permissions stop, also in a test that root runs.
 *
 * @param opened directories of the test that this user has to pass
 */
export async function withoutRights<T>(
  opened: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const { geteuid, seteuid } = process;
  if (geteuid?.() !== 0 || seteuid === undefined) return await work();
  for (const directory of opened) await chmod(directory, 0o755);
  process.seteuid?.(NOBODY);
  try {
    return await work();
  } finally {
    process.seteuid?.(0);
  }
}
