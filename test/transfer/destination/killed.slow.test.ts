import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { manySmall, Receiving, visible } from '../support/receiving.js';

const COUNT = 4000;
const NAMED = 307;

test('a process that is killed when 307 of 4,000 files have their final names is followed by one that gives the rest theirs', async () => {
  const [directory, dataDir] = [await temporaryDirectory(), await temporaryDirectory()];
  const script = fileURLToPath(new URL('../support/killed-receiving.ts', import.meta.url));
  const args = ['--import', 'tsx', script, directory, dataDir, String(COUNT), String(NAMED)];
  const child = spawn(process.execPath, args, { stdio: 'inherit' });
  expect(await once(child, 'exit')).toEqual([null, 'SIGKILL']);
  expect(await visible(directory)).toHaveLength(NAMED);

  const receiving = await Receiving.prepare({ ...manySmall(COUNT), directory, dataDir });
  const { error, brought, received } = await receiving.run();
  expect(error).toBeUndefined();
  expect(brought).toBe(0);
  expect(await visible(directory)).toHaveLength(COUNT);
  expect(await receiving.wrongFiles()).toEqual([]);
  expect(received?.files).toHaveLength(COUNT);
  expect(received?.warnings).toEqual([]);
  expect(await receiving.leftBehind()).toEqual([]);
});
