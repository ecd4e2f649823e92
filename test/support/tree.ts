import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What stands below `root`: a line for each entry with kind, mode, time and content. */
export async function tree(root: string): Promise<string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(root, { recursive: true })).sort()) {
    const path = join(root, name);
    const stats = await lstat(path, { bigint: true });
    const mode = (stats.mode & 0o777n).toString(8);
    // In microseconds, which is as much as travels: rounded to anything else, a time could change.
    const time = stats.mtimeNs / 1000n;
    if (stats.isSymbolicLink()) lines.push(`link ${name} -> ${await readlink(path)}`);
    else if (stats.isDirectory()) lines.push(`folder ${name} ${mode} ${time}`);
    else {
      const hash = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      lines.push(`file ${name} ${mode} ${time} ${stats.size} ${hash}`);
    }
  }
  return lines;
}
