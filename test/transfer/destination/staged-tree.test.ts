import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { StagedTree } from '../../../src/transfer/destination/staged-tree.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

test('files that are made to take their names can be read by this user alone', async () => {
  const before = process.umask(0);
  onTestFinished(() => void process.umask(before));
  const entry = { type: 'file', path: ['a'], size: 1, mode: 0o644, mtime: 0 } as const;
  const directory = await temporaryDirectory();
  const tree = await StagedTree.make(directory, [{ entry, path: ['a'] }], { withFiles: true });
  expect((await stat(join(tree.path, 'a'))).mode & 0o777).toBe(0o600);
});
