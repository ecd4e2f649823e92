import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { applyConfig, editedConfig, forgetConfig, parseConfig } from '../../src/cli/config-file.js';
import { programForReading } from '../../src/cli/manual/program-for-reading.js';
import { runHere, transcriptHere } from '../support/run-here.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

test('what is set is shown, kept with its comments, and forgotten', async () => {
  const home = await temporaryDirectory();
  const config = (...args: string[]): ReturnType<typeof runHere> =>
    runHere(['config', ...args, '--data-dir', home]);
  await writeFile(join(home, 'config'), '# mine\nname work # at the office\n');
  await config('set', 'send.throttle', '2MB/s');
  await config('set', 'name', 'home');
  await config('set', 'no-qr');
  expect((await config('show')).stdout).toBe('name home\nsend.throttle 2MB/s\nno-qr yes\n');
  await config('unset', 'no-qr');
  expect(await readFile(join(home, 'config'), 'utf8')).toBe(
    '# mine\nname home # at the office\nsend.throttle 2MB/s\n',
  );
  expect((await config('path')).stdout).toBe(`${join(home, 'config')}\n`);
});

test('the command line goes before the environment, and that before the configuration', async () => {
  const home = await temporaryDirectory();
  await writeFile(join(home, 'config'), 'torrc /from/config\n');
  const tried = (args: string[], env: Record<string, string> = {}): Promise<string> =>
    transcriptHere(['relay', '--data-dir', home, ...args], { env });
  expect(await tried([])).toContain('/from/config');
  expect(await tried([], { ONIONFERRY_TORRC: '/from/env' })).toContain('/from/env');
  expect(await tried(['--torrc', '/argv'], { ONIONFERRY_TORRC: '/from/env' })).toContain('/argv');
});

test('a secret in the environment goes before the file that the configuration names', async () => {
  const home = await temporaryDirectory();
  const tried = (env: Record<string, string>): Promise<string> =>
    transcriptHere(['relay', '--data-dir', home], { env });
  await writeFile(join(home, 'config'), 'password-file /from/config\n');
  expect(await tried({})).toContain('/from/config');
  expect(await tried({ ONIONFERRY_PASSWORD: 'weak' })).toContain('too easy to guess');
  await writeFile(join(home, 'config'), 'proxy socks5://127.0.0.1:9\n');
  expect(await tried({ ONIONFERRY_PROXY: 'ftp://x' })).toContain('a proxy is given as');
});

test('what the configuration always gives does not keep a transfer from being resumed', async () => {
  const home = await temporaryDirectory();
  await writeFile(join(home, 'config'), 'send.private yes\nsend.keep yes\n');
  const tried = (...args: string[]): Promise<string> =>
    transcriptHere(['send', '--resume', '--data-dir', home, ...args]);
  expect(await tried()).toContain('there is no interrupted transfer to resume');
  expect(await tried('--keep')).toContain('--resume takes no PATH and no other options of send');
});

test.each([
  ['color red', 'line 1: there is no option color'],
  ['\nsend.limit 3', 'line 2: there is no option limit of send'],
  ['circuits many', 'line 1: --circuits takes a whole number from 1 to 32'],
  ['ephemeral perhaps', 'line 1: ephemeral is either yes or no'],
  ['???', 'line 1: not an option and its value'],
])('%j is refused where it is needed, and can be mended', async (text, sentence) => {
  const home = await temporaryDirectory();
  await writeFile(join(home, 'config'), text);
  const { status, stderr } = await runHere(['key', 'show', '--data-dir', home]);
  expect(stderr).toContain(`${join(home, 'config')}, ${sentence}`);
  expect(status).toBe(2);
  expect((await runHere(['config', 'path', '--data-dir', home])).status).toBe(0);
});

test('a value that cannot be understood is not written', async () => {
  const home = await temporaryDirectory();
  const { status } = await runHere(['config', 'set', 'circuits', '99', '--data-dir', home]);
  expect(status).toBe(2);
  await expect(readFile(join(home, 'config'))).rejects.toThrow('ENOENT');
});

test('modes of output hold from the configuration, too', async () => {
  const home = await temporaryDirectory();
  await writeFile(join(home, 'config'), 'json yes\n');
  const { stdout } = await runHere(['key', 'show', '--data-dir', home]);
  expect(JSON.parse(stdout)).toMatchObject({ event: 'error', code: 'ERR_KEY_MISSING' });
});

test('without a home folder, --data-dir is enough', async () => {
  const home = await temporaryDirectory();
  const env = { HOME: '', XDG_DATA_HOME: '', ONIONFERRY_HOME: '' };
  const { status } = await runHere(['key', 'new', '--data-dir', home], { env });
  expect(status).toBe(0);
});

test('an option that is set twice is set once afterwards', () => {
  expect(editedConfig('a 1\n# b\na 2\n', 'a', '3')).toBe('a 3\n# b\n');
  expect(editedConfig('', 'a', undefined)).toBe('');
  expect(parseConfig('a = b c', 'x')).toMatchObject([{ option: 'a', value: 'b c' }]);
});

test('what a configuration has set can be taken back, and nothing else is', () => {
  const program = programForReading();
  const all = [program, ...program.commands];
  const given = (): unknown[] => structuredClone(all.map((command) => command.opts()));
  program.setOptionValueWithSource('tor', 'of the command line', 'cli');
  const before = given();
  applyConfig(program, parseConfig('no-qr yes\ntorrc lines\nsend.keep yes', 'x'), 'x');
  expect(given()).not.toEqual(before);
  forgetConfig(program);
  expect(given()).toEqual(before);
});

test.each([
  'config',
  'help',
  'send',
  '--json',
])('a value %j of an option is taken for no command', async (value) => {
  const home = await temporaryDirectory();
  await writeFile(join(home, 'config'), 'torrc /from/config\n');
  const tried = await transcriptHere([`--name`, value, 'relay', '--data-dir', home]);
  expect(tried).toContain('/from/config');
  await writeFile(join(home, 'config'), 'color red');
  expect((await runHere(['--name', value, 'relay', '--data-dir', home])).stderr).toContain(
    'there is no option color',
  );
  expect((await runHere(['--name', value, 'config', 'path', '--data-dir', home])).status).toBe(0);
});

test('a data directory may be called like a command, and the last one that is given counts', async () => {
  const home = await temporaryDirectory();
  const named = join(home, 'config');
  await mkdir(named);
  await writeFile(join(named, 'config'), 'torrc /from/config\n');
  const cwd = process.cwd();
  process.chdir(home);
  onTestFinished(() => process.chdir(cwd));
  expect(await transcriptHere(['--data-dir', 'config', 'relay'])).toContain('/from/config');
  const twice = ['--data-dir', home, 'relay', `--data-dir=${named}`];
  expect(await transcriptHere(twice)).toContain('/from/config');
});

test('what cannot be set, because there is no place for it, says so', async () => {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, '');
  expect(await transcriptHere(['config', 'set', 'no-qr', '--data-dir', join(file, 'x')])).toBe(
    `! onionferry: error: cannot use ${join(file, 'x/config')} in this machine’s data directory: there is no such folder; name another one with --data-dir\nexit 1`,
  );
});
