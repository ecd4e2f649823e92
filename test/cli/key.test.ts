import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHere, transcriptHere } from '../support/run-here.js';
import type { Ended } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

async function keyring(): Promise<{
  home: string;
  key: (...args: string[]) => Promise<Ended>;
  say: (...args: string[]) => Promise<string>;
}> {
  const home = await temporaryDirectory();
  const env = { ONIONFERRY_HOME: home };
  return {
    home,
    key: (...args) => runHere(['key', ...args], { env }),
    say: (...args) => transcriptHere(['key', ...args], { env }),
  };
}

test('show makes no identity, and says how to make one', async () => {
  const { home, say } = await keyring();
  expect(await say('show')).toBe(
    `! onionferry: error: there is no key file ${join(home, 'identities/default.pem')}
! onionferry: hint: to create one, run onionferry key new; send, relay and others do so themselves
exit 1`,
  );
});

test('new makes an identity, show shows it, and it stays', async () => {
  const { home, say } = await keyring();
  const made = await say('new');
  expect(made).toMatch(/^ {2}identity {2}default\n {2}address {3}[a-z2-7]{56}\.onion\n/);
  expect(made).toContain(`  key       ${join(home, 'identities/default.pem')}\nexit 0`);
  expect(await say('show')).toBe(made);
});

test('new replaces no key unless it is forced to', async () => {
  const { say } = await keyring();
  const first = await say('new', '--quiet');
  expect(await say('new')).toMatch(
    /^! onionferry: error: .*exists already.*\n! onionferry: hint: to replace it, add --force.*\nexit 1$/,
  );
  expect(await say('show', '--quiet')).toBe(first);
  const second = await say('new', '--quiet', '--force');
  expect(second).toMatch(/^[a-z2-7]{56}\.onion\nexit 0$/);
  expect(second).not.toBe(first);
});

test('export overwrites no file', async () => {
  const { home, key, say } = await keyring();
  await key('new');
  const file = join(home, 'taken');
  await writeFile(file, 'mine');
  expect(await say('export', '--out', file)).toBe(
    `! onionferry: error: ${file} already exists; choose another file\nexit 1`,
  );
  expect(await readFile(file, 'utf8')).toBe('mine');
});

test('what is no key is not kept', async () => {
  const { home, say } = await keyring();
  const file = join(home, 'letter.txt');
  await writeFile(file, 'dear all');
  expect(await say('import', file)).toMatch(/^! onionferry: error: [^]*\nexit 1$/);
  await writeFile(file, 'x'.repeat(5000));
  expect(await say('import', file)).toMatch(/longer than 4096 bytes; is it the right file\?/);
  expect(await say('show')).toMatch(/there is no key file/);
});

test('a key file that others may read is refused', async () => {
  const { home, key, say } = await keyring();
  await key('new');
  await chmod(join(home, 'identities/default.pem'), 0o644);
  expect(await say('show')).toMatch(/^! onionferry: error: .*default\.pem[^]*\nexit 1$/);
});

test('--json answers with an object a line; --all has every name', async () => {
  const { home, key } = await keyring();
  await key('new');
  await key('new', '--name', 'work');
  await writeFile(join(home, 'identities/broken.pem'), 'x', { mode: 0o600 });
  const { stdout } = await key('show', '--all', '--json');
  const answers = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  const path = (name: string): string => join(home, `identities/${name}.pem`);
  const onion: unknown = expect.stringMatching(/^[a-z2-7]{56}\.onion$/);
  expect(answers).toEqual([
    { event: 'key', name: 'broken', path: path('broken'), error: expect.any(String) as unknown },
    { event: 'key', name: 'default', path: path('default'), onion },
    { event: 'key', name: 'work', path: path('work'), onion },
  ]);
});

test('an ephemeral identity has no key', async () => {
  const { say } = await keyring();
  expect(await say('new', '--ephemeral')).toMatch(
    /an ephemeral identity has no stored key.*\n.*\nexit 2$/,
  );
});
