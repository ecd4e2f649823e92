import { expect, test } from 'vitest';
import { runProgram, startOnTerminal } from '../support/run-program.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const INVITATION =
  'http://25njqamcweflpvkl73j4szahhihoc4xt3ktcgjnpaingr5yhkenl5sid.onion/#hush-hush-hush-hush-hush';

async function receiving(
  ...args: string[]
): Promise<ReturnType<typeof startOnTerminal> & { type: (keys: string) => void }> {
  const home = await temporaryDirectory();
  const running = startOnTerminal([
    ...['receive', '--data-dir', home, '--tor', '/nonexistent/tor'],
    ...args,
  ]);
  await running.saw(/\(not shown\)/);
  return { ...running, type: (keys) => running.child.stdin?.write(keys) };
}

test('receive asks for the invitation and does not show it', async () => {
  const { ended, type } = await receiving();
  type(`${INVITATION}\r`);
  const { status, stdout } = await ended;
  expect(stdout).toContain('enter the invitation: (not shown)');
  expect(stdout).toContain('/nonexistent/tor');
  expect(stdout).not.toContain('hush');
  expect(status).toBe(4);
});

test('receive asks again for what is no invitation', async () => {
  const { ended, type, saw } = await receiving();
  type('hush-hush-hush-hush-hush\r');
  await saw(/that is not an invitation; one looks like[^]*\(not shown\)/);
  type(`\u0015${INVITATION}\r`);
  const { status, stdout } = await ended;
  expect(stdout).not.toContain('hush');
  expect(status).toBe(4);
});

test('with an address receive asks for the password', async () => {
  const { ended, type } = await receiving(new URL(INVITATION).host);
  type('hush-hush-hush-hush-hush\r');
  const { status, stdout } = await ended;
  expect(stdout).toContain('enter the password: (not shown)');
  expect(stdout).not.toContain('hush');
  expect(status).toBe(4);
});

test('--password-file - asks on a terminal as well, instead of showing what is typed', async () => {
  const { ended, type } = await receiving('--password-file', '-');
  type(`${INVITATION}\r`);
  const { status, stdout } = await ended;
  expect(stdout).not.toContain('hush');
  expect(status).toBe(4);
});

test.each([
  ['Ctrl-C', '\u0003'],
  ['Ctrl-D', '\u0004'],
])('%s at a prompt ends with 130', async (_, key) => {
  const { ended, type } = await receiving();
  type(`hush${key}`);
  const { status, stdout } = await ended;
  expect(stdout).toContain('interrupted');
  expect(stdout).not.toContain('hush');
  expect(status).toBe(130);
});

test('files are not written to a terminal, which would obey them', async () => {
  const { status, stdout } = await startOnTerminal(['receive', '--stdout']).ended;
  expect(stdout).toContain('--stdout writes to a pipe or a file, not to a terminal');
  expect(status).toBe(2);
});

test('errors are red on a terminal unless NO_COLOR is set', async () => {
  const red = '\u001b[31monionferry: error:';
  expect((await startOnTerminal(['send']).ended).stdout).toContain(red);
  const plain = await startOnTerminal(['send'], { env: { NO_COLOR: '1' } }).ended;
  expect(plain.stdout).not.toContain('\u001b[31m');
  expect((await runProgram(['send'], { env: { FORCE_COLOR: '1' } })).stderr).not.toContain(
    '\u001b',
  );
});

test('the secret key is shown on a terminal with a warning', async () => {
  const env = { ONIONFERRY_HOME: await temporaryDirectory() };
  await runProgram(['key', 'new'], { env });
  const { stdout } = await startOnTerminal(['key', 'export'], { env }).ended;
  expect(stdout).toContain('this is the secret key');
  expect(stdout).toContain('-----BEGIN PRIVATE KEY-----');
  expect((await runProgram(['key', 'export'], { env })).stderr).toBe('');
});
