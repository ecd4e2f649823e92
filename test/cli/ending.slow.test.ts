import { expect, test } from 'vitest';
import { descendantsOf } from '../support/processes.js';
import { runProgram, startOnClosing, startProgram } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** Throws from nowhere as soon as the program has begun to work. */
const DEFECT = `--import=data:text/javascript,${encodeURIComponent(`
  const timer = setInterval(() => {
    if (process.listenerCount('uncaughtException') === 0) return;
    clearInterval(timer);
    throw new Error('boom');
  }, 20);
`)}`;

/** Says so when the program listens to signals, and when it has heard SIGHUP. */
const READY = `--import=data:text/javascript,${encodeURIComponent(`
  const timer = setInterval(() => {
    if (process.listenerCount('SIGHUP') === 0) return;
    clearInterval(timer);
    process.on('SIGHUP', () => process.stderr.write('hung up\\n'));
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

test.each([
  ['SIGINT', 130, /^interrupted\n/m],
  ['SIGTERM', 5, /^suspended; what can be resumed is kept\n/m],
  ['SIGHUP', 5, /^suspended; what can be resumed is kept\n/m],
] as const)('%s ends it with %i', async (signal, expected, said) => {
  const { child, ended, saw } = startProgram(['receive', '--verbose'], {
    env: { NODE_OPTIONS: READY },
    input: { open: '' },
  });
  await saw(/ready/);
  child.kill(signal);
  const { status, stderr } = await ended;
  expect(stderr).toMatch(said);
  expect(status).toBe(expected);
});

test.each([
  ['nohup', 'nohup "$@"; exit $?'],
  ['a shell that ignores them', 'trap "" HUP; "$@"; exit $?'],
])('started by %s it outlives hang-ups', async (_, script) => {
  const { child, ended, saw } = startProgram(['receive', '--verbose'], {
    prefix: ['bash', '-c', script, 'bash'],
    env: { NODE_OPTIONS: READY },
    input: { open: '' },
  });
  await saw(/ready/);
  const [{ pid } = { pid: 0 }] = await descendantsOf(child.pid ?? 0);
  process.kill(pid, 'SIGHUP');
  await saw(/hung up/);
  child.stdin?.end('no invitation\n');
  const { status, stderr } = await ended;
  expect(stderr).toContain('that is not an invitation');
  expect(status).toBe(2);
});

test('a terminal that is closed at a prompt ends it like a hang-up, without a native abort', async () => {
  const { saw, close } = startOnClosing(['receive']);
  await saw(/\(not shown\)/);
  expect(await close()).toBe(5);
});
