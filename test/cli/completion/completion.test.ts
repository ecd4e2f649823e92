import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHere } from '../../support/run-here.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** Says what the script for bash offers for the last of these words. */
async function completedByBash(...words: string[]): Promise<string[]> {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'notes.txt'), '');
  await writeFile(join(directory, 'completion'), (await runHere(['completion', 'bash'])).stdout);
  const script = `cd "$1" && . ./completion && shift && COMP_WORDS=("$@") &&
    COMP_CWORD=$(($# - 1)) && _onionferry && printf '%s\\n' "\${COMPREPLY[@]}"`;
  const said = execFileSync('bash', ['-c', script, 'bash', directory, 'onionferry', ...words]);
  return said.toString().trim().split('\n');
}

test.each([
  [['rec'], ['receive']],
  [['key', 'ex'], ['export']],
  [['--data-dir', '/x', 'key', 'im'], ['import']],
  [['--name', 'send', 'tor', 'd'], ['doctor']],
  [
    ['send', '--rel'],
    ['--relay', '--relay-password-file'],
  ],
  [['receive', '--on-conflict', 's'], ['skip']],
  [['send', '--curve', 'si'], ['siec']],
  [['send', 'not'], ['notes.txt']],
  [['help', 'inb'], ['inbox']],
  [['completion', 'f'], ['fish']],
  [['send', '--expires', ''], ['']],
])('bash completes %j', async (words, expected) => {
  expect(await completedByBash(...words)).toEqual(expected);
});

test.each([
  'zsh',
  'fish',
])('the script for %s names every command and every option', async (shell) => {
  const { stdout } = await runHere(['completion', shell]);
  for (const name of ['send', 'receive', 'doctor', 'on-conflict', 'data-dir', 'siec']) {
    expect(stdout).toContain(name);
  }
});

test('an unknown shell is refused with those that there are', async () => {
  const { status, stderr } = await runHere(['completion', 'ksh']);
  expect(stderr).toContain('completion takes one of bash, zsh, fish');
  expect(status).toBe(2);
});
