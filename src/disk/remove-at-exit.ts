import { rmSync } from 'node:fs';

const paths = new Set<string>();

/**
 * Removes `path` if the process exits before it is finished with it, such as at a second Ctrl-C.
 *
 * @returns forgets it again: it was removed, or is to stay
 */
export function removeAtExit(path: string): () => void {
  if (paths.size === 0) process.once('exit', removeAll);
  paths.add(path);
  return () => {
    paths.delete(path);
    if (paths.size === 0) process.off('exit', removeAll);
  };
}

function removeAll(): void {
  for (const path of paths) rmSync(path, { recursive: true, force: true });
  paths.clear();
}
