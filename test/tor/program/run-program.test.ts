import { execFileSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProgram } from '../../../src/tor/program/run-program.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const env = { PATH: process.env['PATH'] };

test('gives the status, what was said, and what it was told', async () => {
  const options = { env, deadlineMs: 60_000, input: 'told' };
  expect(await runProgram('sh', ['-c', 'cat; echo oh >&2; exit 3'], options)).toEqual({
    ...{ status: 3, stdout: 'told', stderr: 'oh\n' },
  });
});

test('a child that has left its group does not outlast the time limit', async () => {
  const directory = await temporaryDirectory();
  const ending = join(directory, 'ending');
  await writeFile(ending, '');
  // Until this test is over it keeps the pipes; `timeout` makes a group of its own.
  const script = `timeout 60 sh -c 'while [ -e "$1" ]; do sleep 0.1; done' sh "$1"; true`;
  const running = runProgram('sh', ['-c', script, 'sh', ending], { env, deadlineMs: 200 });
  await expect(running).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
});

test('where no descriptor is free it rejects, and nothing is left uncaught', async () => {
  const limitTo = (files: string): void => {
    execFileSync('prlimit', [`--pid=${process.pid}`, `--nofile=${files}:`]);
  };
  const [, before = ''] =
    /Max open files +(\d+)/.exec(readFileSync('/proc/self/limits', 'utf8')) ?? [];
  const opened: number[] = [];
  limitTo(String(Math.max(...readdirSync('/proc/self/fd').map(Number)) + 20));
  try {
    expect(() => {
      for (;;) opened.push(openSync('/dev/null', 'r'));
    }).toThrow('EMFILE');
    const running = runProgram('true', [], { env, deadlineMs: 60_000 });
    await expect(running).rejects.toMatchObject({ code: 'EMFILE' });
  } finally {
    for (const file of opened) closeSync(file);
    limitTo(before);
  }
});
