import { execFileSync } from 'node:child_process';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram, transcript } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const PASSWORD = 'hush-hush-hush-hush-hush';
const INVITATION = `http://25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkenl5sid.onion/#${PASSWORD}`;
/** Where the work itself begins, and ends at once. */
const NO_TOR = ['--tor', '/nonexistent/tor'];

/** A tor that tells what it was given, and is none. */
async function nosyTor(): Promise<{ program: string; heard: () => Promise<string> }> {
  const directory = await temporaryDirectory();
  const program = join(directory, 'tor');
  const log = join(directory, 'heard');
  await writeFile(program, `#!/bin/sh\n{ env; echo "$@"; } >> '${log}'\nexit 1\n`);
  await chmod(program, 0o755);
  return { program, heard: () => readFile(log, 'utf8') };
}

test('secrets in the environment reach no child', async () => {
  const { program, heard } = await nosyTor();
  const home = await temporaryDirectory();
  const env = {
    ONIONFERRY_HOME: home,
    ONIONFERRY_PASSWORD: PASSWORD,
    ONIONFERRY_RELAY_PASSWORD: 'hush of a relay',
    HARMLESS: 'yes',
  };
  const { status, stdout, stderr } = await runProgram(
    ['relay', '--tor', program, '--verbose', '--json'],
    { env },
  );
  expect(status).toBe(4);
  expect(await heard()).toContain('HARMLESS=yes');
  expect(await heard()).not.toContain('hush');
  expect(await heard()).not.toContain('ONIONFERRY_PASSWORD');
  expect(stdout + stderr).not.toContain('hush');
});

test.each([
  ['by the environment', { env: { ONIONFERRY_PASSWORD: INVITATION } }],
  ['as the first line of stdin', { input: `${INVITATION}\nand more` }],
  ['on a pipe that stays open', { input: { open: `${INVITATION}\r\n` } }],
])('receive takes an invitation %s', async (_, options) => {
  const home = await temporaryDirectory();
  const args = ['receive', '--data-dir', home, ...NO_TOR];
  const { status, stderr } = await runProgram(args, options);
  expect(stderr).toContain('/nonexistent/tor');
  expect(status).toBe(4);
});

test('receive takes an invitation from a file, also from one that is a pipe', async () => {
  const home = await temporaryDirectory();
  const file = join(home, 'invitation');
  await writeFile(file, `${INVITATION}\n`);
  const args = ['receive', '--data-dir', home, ...NO_TOR, '--password-file'];
  expect((await runProgram([...args, file])).status).toBe(4);
  const fifo = join(home, 'fifo');
  execFileSync('mkfifo', [fifo]);
  const [ended] = await Promise.all([runProgram([...args, fifo]), writeFile(fifo, INVITATION)]);
  expect(ended.status).toBe(4);
});

test('receive does not read on when standard input is no invitation', async () => {
  const said = await transcript(['receive'], { input: 'x'.repeat(5_000_000) });
  expect(said).toMatch(
    /the invitation is longer than 4096 bytes; is it the right file\?[^]*exit 2$/,
  );
});
