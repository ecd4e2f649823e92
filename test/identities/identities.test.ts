import { execFile } from 'node:child_process';
import {
  chmod,
  mkdir,
  readdir,
  readFile,
  rename,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { listIdentities, loadIdentity, storeIdentity } from '../../src/identities/identities.js';
import { createIdentity } from '../../src/onion/identity.js';
import { decodeIdentityPem, encodeIdentityPem } from '../../src/onion/pem.js';
import { temporaryDirectory } from '../tor/support/temporary-directory.js';

const isRoot = process.getuid?.() === 0;

function key(code: string, message: RegExp): object {
  return expect.objectContaining({
    code,
    message: expect.stringMatching(message) as string,
  }) as object;
}

async function modeOf(path: string): Promise<string> {
  return ((await stat(path)).mode & 0o777).toString(8);
}

describe('identities on disk', () => {
  test('have the same address each time they are loaded', async () => {
    await using home = await temporaryDirectory();
    const made = await storeIdentity(home.path, 'default');
    expect((await loadIdentity(home.path, 'default')).identity).toEqual(made.identity);
    expect((await loadIdentity(home.path, 'default')).path).toBe(
      join(home.path, 'identities', 'default.pem'),
    );
  });

  test('are open to nobody else, whatever the umask', async () => {
    await using home = await temporaryDirectory();
    const umask = process.umask(0);
    try {
      const { path } = await storeIdentity(join(home.path, 'new', 'home'), 'default');
      expect(await modeOf(path)).toBe('600');
      expect(await modeOf(join(path, '..'))).toBe('700');
    } finally {
      process.umask(umask);
    }
  });

  test('never take the place of another, and leave nothing beside it', async () => {
    await using home = await temporaryDirectory();
    const { identity } = await storeIdentity(home.path, 'default');
    await expect(storeIdentity(home.path, 'default')).rejects.toEqual(
      key('ERR_KEY', /exists already/),
    );
    const other = { identity: createIdentity() };
    await expect(storeIdentity(home.path, 'default', other)).rejects.toEqual(
      key('ERR_KEY', /exists already/),
    );
    expect((await loadIdentity(home.path, 'default')).identity).toEqual(identity);
    expect(await readdir(join(home.path, 'identities'))).toEqual(['default.pem']);
  });

  test('are made once when many make the same at once', async () => {
    await using home = await temporaryDirectory();
    const made = await Promise.allSettled(
      Array.from({ length: 20 }, () => storeIdentity(home.path, 'default')),
    );
    const winners = made.filter((result) => result.status === 'fulfilled');
    expect(winners).toHaveLength(1);
    expect((await loadIdentity(home.path, 'default')).identity).toEqual(winners[0]?.value.identity);
  });

  test('can be taken elsewhere and back', async () => {
    await using home = await temporaryDirectory();
    const { identity } = await storeIdentity(home.path, 'default');
    const pem = encodeIdentityPem((await loadIdentity(home.path, 'default')).identity);
    const copy = { identity: decodeIdentityPem(pem) };
    expect((await storeIdentity(home.path, 'copy', copy)).identity).toEqual(identity);
    expect(await readFile(join(home.path, 'identities', 'copy.pem'), 'utf8')).toBe(pem);
  });

  test('are listed by name, those that cannot be used with the reason', async () => {
    await using home = await temporaryDirectory();
    expect(await listIdentities(home.path)).toEqual([]);
    const { identity } = await storeIdentity(home.path, 'work');
    await storeIdentity(home.path, 'broken');
    const broken = join(home.path, 'identities', 'broken.pem');
    await writeFile(broken, 'x');
    await writeFile(join(home.path, 'identities', 'a b.pem'), 'not ours');
    expect(await listIdentities(home.path)).toEqual([
      { name: 'broken', path: broken, error: expect.stringMatching(/broken\.pem/) as string },
      { name: 'work', path: join(home.path, 'identities', 'work.pem'), onion: identity.address },
    ]);
  });

  test('that do not exist have a code of their own', async () => {
    await using home = await temporaryDirectory();
    await expect(loadIdentity(home.path, 'nobody')).rejects.toEqual(
      key('ERR_KEY_MISSING', /no key file .*nobody\.pem/),
    );
  });

  test.each([
    '',
    '.',
    '..',
    '../x',
    'a/b',
    'a\\b',
    '.hidden',
    '-x',
    'a b',
    'é',
    'x'.repeat(65),
    'nul',
    'COM1.x',
    'a\0',
  ])('cannot be named %j', async (name) => {
    await using home = await temporaryDirectory();
    for (const call of [loadIdentity, storeIdentity]) {
      await expect(call(home.path, name)).rejects.toMatchObject({ code: 'ERR_USAGE' });
    }
    expect(await readdir(home.path)).toEqual([]);
  });
});

describe('a key file is refused', () => {
  test.each([
    [0o640, '0640'],
    [0o604, '0604'],
    [0o620, '0620'],
    [0o644, '0644'],
  ])('when its mode is %o', async (mode, told) => {
    await using home = await temporaryDirectory();
    const { path } = await storeIdentity(home.path, 'default');
    await chmod(path, mode);
    await expect(loadIdentity(home.path, 'default')).rejects.toEqual(
      key('ERR_KEY', new RegExp(`open to other users \\(mode ${told}\\).*chmod 600`)),
    );
  });

  test('when it is a link, even to a good key', async () => {
    await using home = await temporaryDirectory();
    const { path } = await storeIdentity(home.path, 'default');
    await rename(path, join(home.path, 'elsewhere'));
    await symlink(join(home.path, 'elsewhere'), path);
    await expect(loadIdentity(home.path, 'default')).rejects.toEqual(key('ERR_KEY', /is a link/));
  });

  test('when it is no file, without waiting for one', async () => {
    await using home = await temporaryDirectory();
    const { path } = await storeIdentity(home.path, 'other');
    const directory = join(path, '..');
    await mkdir(join(directory, 'folder.pem'));
    await promisify(execFile)('mkfifo', ['-m', '600', join(directory, 'pipe.pem')]);
    for (const name of ['folder', 'pipe']) {
      await expect(loadIdentity(home.path, name)).rejects.toEqual(
        key('ERR_KEY', /not a regular file/),
      );
    }
  });

  test.each([
    ['', /empty/],
    ['-----BEGIN PRIVATE KEY-----\nAAAA', /cut off/],
    ['x'.repeat(100_000), /too long/],
  ])('when it holds %.30s', async (content, reason) => {
    await using home = await temporaryDirectory();
    const { path } = await storeIdentity(home.path, 'default');
    await writeFile(path, content);
    await expect(loadIdentity(home.path, 'default')).rejects.toEqual(key('ERR_KEY', reason));
  });

  test('when it cannot be read', async () => {
    await using home = await temporaryDirectory();
    const { path } = await storeIdentity(home.path, 'default');
    await chmod(path, 0);
    if (isRoot) process.seteuid?.(65_534); // root reads everything
    try {
      await expect(loadIdentity(home.path, 'default')).rejects.toEqual(
        key('ERR_KEY', /cannot be read: .*closed to this user/),
      );
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });
});
