import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask } from '../support/serving.js';
import { sharing } from './sharing.js';

test('while a folder is swapped with a link to outside, nothing from outside is ever served', async () => {
  const parent = await temporaryDirectory();
  const folder = join(parent, 'shared');
  await mkdir(join(folder, 'real'), { recursive: true });
  await mkdir(join(parent, 'outside'));
  await writeFile(join(folder, 'real', 'file'), 'inside');
  await writeFile(join(parent, 'outside', 'file'), 'outside');
  await symlink(join(parent, 'outside'), join(folder, 'link'));
  const { port } = await sharing([folder]);
  // Another process swaps them, some times in each request, and leaves the cores to others in between
  // (renameat2 would need no moment without either).
  const swapping = execFile('python3', [
    '-c',
    `import os, time
os.chdir(${JSON.stringify(folder)})
print('swapping', flush=True)
while True:
  os.rename('real', 'x'); os.rename('link', 'real'); time.sleep(0.0002)
  os.rename('real', 'link'); os.rename('x', 'real'); time.sleep(0.0002)`,
  ]);
  onTestFinished(() => {
    swapping.kill();
  });
  await once(swapping.stdout!, 'data');
  const seen = new Set<string>();
  for (let round = 0; round < 400; round++) {
    for (const path of ['/files/shared/real/file', '/zip/shared/real.zip']) {
      // An archive that cannot be made as it was planned is broken off.
      const reply = await ask(port, path).catch(() => undefined);
      seen.add(`${reply?.status ?? 'broken'}`);
      expect(reply?.body.includes('outside') ?? false).toBe(false);
    }
  }
  expect(seen).toContain('200');
});
