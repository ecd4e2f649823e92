import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  addClient,
  forgetClients,
  loadClients,
  removeClient,
} from '../../src/identities/clients.js';
import {
  CLIENTS_MAX,
  createClientKey,
  formatAuthorizedClient,
  publicClientKey,
} from '../../src/onion/client-key.js';
import { temporaryDirectory } from '../tor/support/temporary-directory.js';

const newKey = (): ReturnType<typeof publicClientKey> => publicClientKey(createClientKey());

test('an identity is open until it has a client', async () => {
  await using home = await temporaryDirectory();
  expect(await loadClients(home.path, 'work')).toBeUndefined();
  const alice = { name: 'alice', publicKey: newKey() };
  const bob = { name: 'bob', publicKey: newKey() };
  await addClient(home.path, 'work', bob);
  await addClient(home.path, 'work', alice);
  expect(await loadClients(home.path, 'work')).toEqual([alice, bob]);
  expect(await loadClients(home.path, 'other')).toBeUndefined();
  const folder = join(home.path, 'identities', 'work.clients');
  expect((await stat(folder)).mode & 0o777).toBe(0o700);
  expect((await stat(join(folder, 'alice.auth'))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, 'alice.auth'), 'utf8')).toBe(
    `descriptor:x25519:${alice.publicKey}\n`,
  );
});

test('an identity without its last client stays closed, until all are forgotten', async () => {
  await using home = await temporaryDirectory();
  await addClient(home.path, 'work', { name: 'alice', publicKey: newKey() });
  await removeClient(home.path, 'work', 'alice');
  expect(await loadClients(home.path, 'work')).toEqual([]);
  await expect(removeClient(home.path, 'work', 'alice')).rejects.toMatchObject({
    code: 'ERR_KEY_MISSING',
  });
  await forgetClients(home.path, 'work');
  expect(await loadClients(home.path, 'work')).toBeUndefined();
});

test('a name is given once, and never a path', async () => {
  await using home = await temporaryDirectory();
  const alice = { name: 'alice', publicKey: newKey() };
  await addClient(home.path, 'work', alice);
  await expect(
    addClient(home.path, 'work', { name: 'alice', publicKey: newKey() }),
  ).rejects.toMatchObject({ code: 'ERR_KEY' });
  expect(await loadClients(home.path, 'work')).toEqual([alice]);
  for (const name of ['../alice', '', '.hidden', 'a/b']) {
    await expect(addClient(home.path, 'work', { name, publicKey: newKey() })).rejects.toMatchObject(
      { code: 'ERR_USAGE' },
    );
  }
});

test('no client is known if one cannot be read: it may be the one that was shut out', async () => {
  await using home = await temporaryDirectory();
  await addClient(home.path, 'work', { name: 'alice', publicKey: newKey() });
  const folder = join(home.path, 'identities', 'work.clients');
  await writeFile(join(folder, 'bob.auth'), 'descriptor:x25519:nonsense', { mode: 0o600 });
  await expect(loadClients(home.path, 'work')).rejects.toMatchObject({ code: 'ERR_KEY' });
});

test('no more clients are taken than one descriptor has room for', async () => {
  await using home = await temporaryDirectory();
  const folder = join(home.path, 'identities', 'work.clients');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const line = formatAuthorizedClient(newKey());
  for (let count = 0; count < CLIENTS_MAX; count++) {
    await writeFile(join(folder, `c${String(count)}.auth`), line, { mode: 0o600 });
  }
  await expect(
    addClient(home.path, 'work', { name: 'more', publicKey: newKey() }),
  ).rejects.toMatchObject({ code: 'ERR_KEY', message: expect.stringContaining('100') as string });
});
