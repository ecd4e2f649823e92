import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** What stands below `root`: a line for each entry with kind, mode, time and content. */
export async function tree(root: string): Promise<string[]> {
  const lines: string[] = [];
  for (const name of (await readdir(root, { recursive: true })).sort()) {
    const path = join(root, name);
    const stats = await lstat(path);
    const mode = (stats.mode & 0o777).toString(8);
    const time = Math.round(stats.mtimeMs);
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
