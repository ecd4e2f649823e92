import { expect, test } from 'vitest';
import { runProgram, startProgram } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** Throws from nowhere as soon as the program has begun to work. */
const DEFECT = `--import=data:text/javascript,${encodeURIComponent(`
  const timer = setInterval(() => {
    if (process.listenerCount('uncaughtException') === 0) return;
    clearInterval(timer);
    throw new Error('boom');
  }, 20);
`)}`;

/** Says so when the program listens to signals. */
const READY = `--import=data:text/javascript,${encodeURIComponent(`
  const timer = setInterval(() => {
    if (process.listenerCount('SIGHUP') === 0) return;
    clearInterval(timer);
    process.stderr.write('ready\\n');
  }, 20);
`)}`;

test('a defect is one sentence and exit 1, without a stack', async () => {
  const { status, stdout, stderr } = await runProgram(['receive', '--json'], {
    env: { NODE_OPTIONS: DEFECT },
    input: { open: '' },
  });
  expect(stderr).toBe(
    `onionferry: error: something went wrong inside onionferry
onionferry: hint: this is a bug in onionferry; --verbose shows where it happened
`,
  );
  expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'ERR_INTERNAL' });
  expect(status).toBe(1);
});

test('--verbose shows where a defect happened', async () => {
  const { stderr } = await runProgram(['receive', '--verbose'], {
    env: { NODE_OPTIONS: DEFECT },
    input: { open: '' },
  });
  expect(stderr).toMatch(/Error: boom\n\s+at /);
});

test('when nobody reads stdout any more, the program ends without a word', async () => {
  const home = await temporaryDirectory();
  const args = ['tor', 'doctor', '--json', '--data-dir', home, '--tor', '/nonexistent/tor'];
  const { child, ended } = startProgram(args);
  child.stdout?.destroy();
  const { status, stderr } = await ended;
  expect(stderr).toBe('');
  expect(status).toBe(1);
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends it with 130', async (signal) => {
  const { child, ended, saw } = startProgram(['receive', '--verbose'], {
    env: { NODE_OPTIONS: READY },
    input: { open: '' },
  });
  await saw(/ready/);
  child.kill(signal);
  const { status, stderr } = await ended;
  expect(stderr).toMatch(/^interrupted\n/m);
  expect(status).toBe(130);
});
