import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startProgram } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

test.each([
  ['SIGTERM', 0],
  ['SIGINT', 130],
] as const)('%s ends open with status %i, and nothing stays', async (signal, status) => {
  const home = await temporaryDirectory();
  const env = { HOME: home, TMPDIR: home, ONIONFERRY_HOME: join(home, 'data') };
  const args = ['open', '--no-browser', '--json', '--tor', join(home, 'no-tor')];
  const { child, ended, saw } = startProgram(args, { env });
  await saw(/"url":"http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}"/);
  child.kill(signal);
  const end = await ended;
  expect(end.status).toBe(status);
  expect(JSON.parse(end.stdout.split('\n', 1)[0] ?? '')).toMatchObject({ event: 'open' });
  // Of what tor would have used, at most an empty folder.
  expect((await readdir(home)).filter((name) => name !== 'data')).toEqual([]);
});
