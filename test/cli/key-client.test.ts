import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { texts } from '../../src/cli/wording.js';
import { createClientKey, publicClientKey } from '../../src/onion/client-key.js';
import { runHere } from '../support/run-here.js';
import type { Ended } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

type Client = (...args: string[]) => Promise<Ended>;

async function withIdentity(): Promise<{ home: string; client: Client }> {
  const home = await temporaryDirectory();
  const env = { ONIONFERRY_HOME: home };
  await runHere(['key', 'new'], { env });
  return { home, client: (...args) => runHere(['key', 'client', ...args], { env }) };
}

function eventsOf({ stdout }: Ended): Record<string, unknown>[] {
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

test('list says that everybody can reach an identity without clients', async () => {
  const { client } = await withIdentity();
  expect(await client('list')).toMatchObject({
    ...{ status: 0, stdout: '', stderr: expect.stringContaining(texts.identityOpen) as string },
  });
});

test('list has the public key of each client, and no secret', async () => {
  const { home, client } = await withIdentity();
  const [added] = eventsOf(await client('add', 'alice', '--json'));
  const file = join(home, 'bob.key');
  const [bob] = eventsOf(await client('add', 'bob', '--json', '--out', file));
  const listed = await client('list', '--json');
  expect(eventsOf(listed)).toEqual([
    { event: 'client', name: 'alice', publicKey: added?.['publicKey'] },
    { event: 'client', name: 'bob', publicKey: bob?.['publicKey'] },
  ]);
  const { stdout } = await client('list');
  expect(stdout).toBe(
    `alice  ${String(added?.['publicKey'])}\nbob  ${String(bob?.['publicKey'])}\n`,
  );
  const secrets = [added?.['clientKey'], (await readFile(file, 'utf8')).trim().split(':').at(-1)];
  for (const secret of secrets) {
    expect(String(secret).length).toBeGreaterThan(50);
    expect(listed.stdout + stdout).not.toContain(String(secret));
  }
});

test('add takes the public key that a client has made, and has no secret to tell', async () => {
  const { client } = await withIdentity();
  const publicKey = publicClientKey(createClientKey());
  const added = await client('add', 'carol', '--public-key', publicKey, '--json');
  expect(eventsOf(added)).toEqual([
    {
      ...{ event: 'client', name: 'carol', publicKey },
      onion: expect.stringMatching(/\.onion$/) as string,
    },
  ]);
  expect(eventsOf(await client('list', '--json'))).toMatchObject([{ name: 'carol', publicKey }]);
  const wrong = await client('add', 'dave', '--public-key', 'not a key');
  expect(wrong).toMatchObject({ status: 1, stderr: expect.stringContaining('key') as string });
  expect(eventsOf(await client('list', '--json'))).toHaveLength(1);
});

test('who is removed last leaves the address closed, and --all opens it', async () => {
  const { client } = await withIdentity();
  await client('add', 'alice');
  await client('add', 'bob');
  expect((await client('remove', 'alice')).stderr).toContain(texts.clientRemoved);
  expect((await client('revoke', 'bob')).stderr).toContain(texts.identityClosed);
  expect((await client('list')).stderr).toContain(texts.identityClosed);
  expect((await client('remove')).status).toBe(2);
  expect((await client('remove', 'alice', '--all')).status).toBe(2);
  expect((await client('list')).stderr).toContain(texts.identityClosed);
  expect((await client('remove', '--all')).stderr).toContain(texts.identityOpen);
  expect((await client('list')).stderr).toContain(texts.identityOpen);
});

test('of an identity that does not exist nothing is said but that', async () => {
  const { home, client } = await withIdentity();
  const missing = {
    status: 1,
    stdout: '',
    stderr: expect.stringContaining('no key file') as string,
  };
  expect(await client('list', '--name', 'wrk')).toMatchObject(missing);
  expect(await client('remove', '--all', '--name', 'wrk')).toMatchObject(missing);
  // Whoever is still admitted to what has gone can be looked at, and forgotten.
  await client('add', 'alice');
  await rm(join(home, 'identities', 'default.pem'));
  expect((await client('list')).stdout).toContain('alice');
  expect((await client('remove', '--all')).status).toBe(0);
  expect(await client('list')).toMatchObject(missing);
});
