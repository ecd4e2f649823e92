import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import type { Reply } from '../support/serving.js';

/** A folder `shared` with some files, beside what must never be seen. */
export async function sharedFolder(): Promise<string> {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(join(folder, 'inner', 'empty'), { recursive: true });
  await writeFile(join(folder, 'hello.txt'), 'hello');
  await writeFile(join(folder, '.hidden'), 'hidden');
  await writeFile(join(folder, 'inner', 'page.html'), '<script>alert(1)</script>');
  await writeFile(join(folder, '..', 'secret'), 'secret');
  return folder;
}

/** What the entries of a page lead to. */
export function links({ body }: Reply): string[] {
  return [...body.toString().matchAll(/class="entry" href="([^"]*)"/g)].map(
    ([, href = '']) => href,
  );
}
