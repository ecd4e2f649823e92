import { spawnSync } from 'node:child_process';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram, transcript } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

// What else these commands decide and say is tested without a process.

test('with --json wrong usage is an event too, and stdout holds nothing else', async () => {
  const { status, stdout, stderr } = await runProgram(['send', '--json']);
  expect(JSON.parse(stdout)).toEqual({
    event: 'error',
    code: 'ERR_USAGE',
    message: 'PATH is missing; name a file or folder to send',
  });
  expect(stdout.split('\n')).toHaveLength(2);
  expect(stderr).toMatch(/^onionferry: error: PATH is missing/);
  expect(status).toBe(2);
});

test('--version prints the version of the package', async () => {
  expect(await transcript(['--version'])).toMatch(/^\d+\.\d+\.\d+\nexit 0$/);
});

test('an old Node is told which one is needed, by a file that it can read', async () => {
  const old = `Object.defineProperty(process, 'versions', { value: { node: '18.20.4' } })`;
  const failed = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(old)}`, 'dist/cli/main.js', 'send'],
    { encoding: 'utf8' },
  );
  expect(failed.stderr).toMatch(
    /error: this is Node 18\.20\.4, and Node 20\.19 or later is needed\n/,
  );
  expect(failed.status).toBe(1);
  // Top-level await came with 14.8, `?.` and `??` with 14.0.
  const entry = await readFile('dist/cli/main.js', 'utf8');
  expect(entry).not.toMatch(/\bawait\b|\?\.|\?\?/);
});

test('a program that asks for JSON learns the code', async () => {
  const { stdout } = await runProgram([
    'receive',
    '--json',
    `http://${'a'.repeat(56)}.onion/#hush`,
  ]);
  expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'ERR_INVITATION_IN_ARGV' });
});

test('an exported key is the same identity elsewhere, by a file and by a pipe', async () => {
  const [here, there] = [await temporaryDirectory(), await temporaryDirectory()];
  const [env, elsewhere] = [{ ONIONFERRY_HOME: here }, { ONIONFERRY_HOME: there }];
  const address = await transcript(['key', 'new', '--quiet'], { env });
  const file = join(here, 'work.pem');
  const exported = await runProgram(['key', 'export', '--out', file], { env });
  expect(exported.stdout).toBe('');
  expect(exported.stderr).toContain('secret key');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { stdout } = await runProgram(['key', 'export'], { env });
  expect(stdout).toBe(await readFile(file, 'utf8'));
  expect(stdout).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  const importing = ['key', 'import', '--quiet', file];
  expect(await transcript(importing, { env: elsewhere })).toBe(address);
  const piped = ['key', 'import', '--name', 'piped', '--quiet', '-'];
  expect(await transcript(piped, { env: elsewhere, input: stdout })).toBe(address);
  const kept = ['default', 'piped'].map((name) => join(there, `identities/${name}.pem`));
  for (const path of kept) expect((await stat(path)).mode & 0o777).toBe(0o600);
});

test('an imported key replaces none, and what is no key is not kept', async () => {
  const home = await temporaryDirectory();
  const env = { ONIONFERRY_HOME: home };
  const path = join(home, 'identities/default.pem');
  await runProgram(['key', 'new'], { env });
  const before = await readFile(path, 'utf8');
  const { stdout: other } = await runProgram(['key', 'export'], {
    env: { ONIONFERRY_HOME: await exportable() },
  });
  expect(await transcript(['key', 'import', '-'], { env, input: other })).toBe(
    `! onionferry: error: the identity "default" exists already (${path}): choose another name, or move that file away\nexit 1`,
  );
  expect(await readFile(path, 'utf8')).toBe(before);
  const letter = await transcript(['key', 'import', '--name', 'b', '-'], {
    env,
    input: 'dear all',
  });
  expect(letter).toMatch(
    /^! onionferry: error: the onion key cannot be used: it is not PEM.*\nexit 1$/,
  );
  expect(await readdir(join(home, 'identities'))).toEqual(['default.pem']);
});

/** A folder with an identity. */
async function exportable(): Promise<string> {
  const home = await temporaryDirectory();
  await runProgram(['key', 'new'], { env: { ONIONFERRY_HOME: home } });
  return home;
}

test('without Tor a command says so in one sentence, with a hint, and exits 4', async () => {
  const home = await temporaryDirectory();
  const args = ['relay', '--data-dir', home, '--tor', join(home, 'tor')];
  const { status, stdout, stderr } = await runProgram(args);
  const lines = stderr.trimEnd().split('\n');
  expect(lines[0]).toMatch(/^onionferry: error: [^A-Z].*[^.]$/);
  expect(lines[0]).toContain(join(home, 'tor'));
  expect(lines.slice(1)).toEqual([
    'onionferry: hint: to find out what is wrong, run onionferry tor doctor',
  ]);
  expect(stdout).toBe('');
  expect(status).toBe(4);
});

test('a failed start leaves no lock, socket or folder of a transfer in the working directory', async () => {
  const home = await temporaryDirectory();
  const work = await temporaryDirectory();
  await runProgram(['relay', '--data-dir', home, '--tor', '/nonexistent/tor'], { cwd: work });
  expect(await readdir(work)).toEqual([]);
});
