import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Other people's programs are measured where they are installed, and never fetched. */
export function isOnPath(program: string): boolean {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return path.some((directory) => existsSync(join(directory, program)));
}
