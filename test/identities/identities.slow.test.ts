import { execFile } from 'node:child_process';
import { chown } from 'node:fs/promises';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { loadIdentity, storeIdentity } from '../../src/identities/identities.js';
import { temporaryDirectory } from '../tor/support/temporary-directory.js';

test('openssl reads a key file', async () => {
  await using home = await temporaryDirectory();
  const { path } = await storeIdentity(home.path, 'default');
  const args = ['pkey', '-in', path, '-noout', '-text'];
  const { stdout } = await promisify(execFile)('openssl', args);
  expect(stdout).toMatch(/ED25519/i);
});

test('a key file is refused when it belongs to somebody else', async () => {
  expect(process.getuid?.(), 'only root can make a file of another user: run this as root').toBe(0);
  await using home = await temporaryDirectory();
  const { path } = await storeIdentity(home.path, 'default');
  await chown(path, 65_534, 65_534);
  await expect(loadIdentity(home.path, 'default')).rejects.toMatchObject({
    code: 'ERR_KEY',
    message: expect.stringMatching(/belongs to another user/) as string,
  });
});
