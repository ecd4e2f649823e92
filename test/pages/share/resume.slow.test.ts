import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask } from '../support/serving.js';
import { sharedFolder } from './shared-folder.js';
import { sharing } from './sharing.js';

const run = promisify(execFile);

test.each([
  '/files/shared/large',
  '/zip/shared.zip',
])('curl and wget resume %s, even after a restart of the share', async (path) => {
  const folder = await sharedFolder();
  await writeFile(join(folder, 'large'), randomBytes(3_000_000));
  const scratch = await temporaryDirectory();
  const first = await sharing([folder]);
  const whole = (await ask(first.port, path)).body;
  for (const program of ['curl', 'wget']) {
    const file = join(scratch, program);
    for (const had of [0, 1, 1_234_567, whole.length - 1, whole.length]) {
      await writeFile(file, whole.subarray(0, had));
      const { port } = await sharing([folder]);
      const url = `http://127.0.0.1:${port}${path}`;
      if (program === 'curl') await run('curl', ['-sS', '-C', '-', '-o', file, url]);
      else await run('wget', ['-q', '-c', '-O', file, url]);
      expect((await readFile(file)).equals(whole)).toBe(true);
    }
  }
});
