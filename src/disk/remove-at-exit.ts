import { rmSync } from 'node:fs';

const paths = new Set<string>();

/**
 * Removes `path` when the process exits in the middle of things, as it does at a second Ctrl-C.
 *
 * @returns forgets it again: what was to be removed is, or is to stay
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
}
