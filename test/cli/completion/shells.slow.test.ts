import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHere } from '../../support/run-here.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

async function scriptFor(shell: string): Promise<string> {
  const path = join(await temporaryDirectory(), '_onionferry');
  await writeFile(path, (await runHere(['completion', shell])).stdout);
  return path;
}

test('fish completes commands, options and their values', async () => {
  const script = await scriptFor('fish');
  const offered = (line: string): string[] => {
    const said = execFileSync('fish', [
      '--no-config',
      '-c',
      `source ${script}; complete -C '${line}'`,
    ]);
    return said
      .toString()
      .trim()
      .split('\n')
      .map((one) => one.split('\t')[0] ?? '');
  };
  expect(offered('onionferry rec')).toEqual(['receive']);
  expect(offered('onionferry key ex')).toEqual(['export']);
  expect(offered('onionferry receive --on-conflict s')).toEqual(['skip']);
  expect(offered('onionferry send --git')).toEqual(['--git-ignore']);
  expect(offered('onionferry --name send tor d')).toEqual(['doctor']);
});

test('zsh completes commands, options and their values', async () => {
  const script = await scriptFor('zsh');
  // Only an interactive zsh has these; what they would show is what counts.
  const stubs = `compdef() { :; }
    _describe() { print -l -- "\${(@P)2}"; }
    compadd() { shift; print -l -- "$@"; }
    _files() { print files "$@"; }`;
  const offered = (...words: string[]): string => {
    const line = words.map((word) => `'${word}'`).join(' ');
    const run = `${stubs}; source ${script}; words=(onionferry ${line}); CURRENT=${words.length + 1}; _onionferry`;
    return execFileSync('zsh', ['-f', '-c', run]).toString();
  };
  expect(offered('key', '')).toContain('export:print the secret key');
  expect(offered('receive', '--on-conflict', '')).toBe('rename\noverwrite\nskip\nfail\n');
  expect(offered('send', '--')).toContain('--git-ignore:leave out .git');
  expect(offered('send', '')).toBe('files\n');
  expect(offered('--name', 'send', 'inbox', '')).toBe('files -/\n');
});
