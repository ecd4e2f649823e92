import { access, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runHere } from '../../support/run-here.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

interface Place {
  readonly directory: string;
  readonly services: string;
  /** A program that is started as tor and never connects. */
  readonly tor: string;
  readonly hasStarted: () => Promise<void>;
}

async function place(): Promise<Place> {
  const directory = await temporaryDirectory();
  const at = (name: string): string => join(directory, name);
  await writeFile(at('password'), 'kept in a file: of this service');
  await writeFile(at('services'), `[site a]\npath ${directory}\npassword-file ${at('password')}\n`);
  await writeFile(
    at('tor'),
    `#!/bin/sh
case "$*" in *--version*) echo 'Tor version 0.4.9.11.'; exit ;; esac
echo >'${at('started')}'
exec sleep 60
`,
  );
  await chmod(at('tor'), 0o700);
  return {
    directory,
    services: at('services'),
    tor: at('tor'),
    hasStarted: () => access(at('started')),
  };
}

it('ends with 0 at SIGTERM, also while tor connects', async () => {
  const { services, tor, hasStarted } = await place();
  const running = runHere(['run', services, '--tor', tor]);
  await expect.poll(hasStarted).toBeUndefined();
  process.emit('SIGTERM', 'SIGTERM');
  const { status, stderr } = await running;
  expect([status, stderr]).toEqual([0, expect.not.stringContaining('error') as unknown]);
});

it('says so if its file is not there', async () => {
  const { directory } = await place();
  const { status, stderr } = await runHere(['run', join(directory, 'none')]);
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/cannot read services from .*none: no such file\n/) as unknown,
  ]);
});

it.each([
  [['--drain', '30d'], '--drain takes at most 1d'],
  [['--circuits', '4'], '--circuits is an option of single services; put it below one in the file'],
  [['--name', 'a'], '--name is an option of single services; put it below one in the file'],
  [['--ephemeral'], '--ephemeral is an option of single services; put it below one in the file'],
  [
    ['--password-file', 'x'],
    '--password-file is an option of single services; put it below one in the file',
  ],
])('refuses %j, which could not be meant', async (options, sentence) => {
  const { services, tor } = await place();
  const { status, stderr } = await runHere(['run', services, '--tor', tor, ...options]);
  expect([status, stderr]).toEqual([2, expect.stringContaining(sentence) as unknown]);
});

it('gives services what the configuration file always gives, too', async () => {
  const { directory, services, tor } = await place();
  await writeFile(services, `[inbox a]\npath ${directory}\npassword-file ${directory}/password\n`);
  const ran = async (config: string): Promise<unknown[]> => {
    await writeFile(join(directory, 'config'), config);
    const { status, stderr } = await runHere(['run', services, '--data-dir', directory]);
    return [status, stderr];
  };
  expect(await ran(`tor ${tor}\ninbox.hook-timeout 3s\n`)).toEqual([
    2,
    expect.stringContaining('--hook-timeout is for the program of --hook'),
  ]);
  expect(await ran(`tor ${tor}\nshare.limit 1\n\ninbox.private yes\n`)).toEqual([
    2,
    expect.stringContaining('config, line 4: "a" cannot be private so; give it clients instead'),
  ]);
});

it.each([
  ['no-names maybe', 'no-names is either yes or no'],
  ['is-no-option yes', 'there is no option is-no-option'],
  ['circuits 99', '--circuits takes a whole number'],
])('refuses %j of a service, and says where it stands', async (setting, sentence) => {
  const { directory, services, tor } = await place();
  const section = `[inbox a]\npath ${directory}\npassword-file ${directory}/password\n`;
  await writeFile(services, `${section}${setting}\n`);
  const { status, stderr } = await runHere(['run', services, '--tor', tor]);
  expect([status, stderr]).toEqual([2, expect.stringContaining(`services, line 4: ${sentence}`)]);
});

it('reads the configuration beside the identities that the file names, and no other', async () => {
  const { directory, services, tor } = await place();
  const [base, elsewhere] = [await temporaryDirectory(), await temporaryDirectory()];
  const home = join(base, 'onionferry');
  await mkdir(home);
  await writeFile(join(home, 'config'), 'torrc /of/another\ninbox.hook-timeout 3s\nno-qr yes\n');
  await writeFile(join(elsewhere, 'config'), 'torrc /of/this\n');
  const section = `[inbox a]\npath ${directory}\npassword-file ${directory}/password\n`;
  await writeFile(services, `data-dir ${elsewhere}\n${section}`);
  const ran = async (...options: string[]): Promise<string> => {
    const args = ['run', services, '--tor', tor, ...options];
    return (await runHere(args, { env: { ONIONFERRY_HOME: '', HOME: base, XDG_DATA_HOME: base } }))
      .stderr;
  };
  expect(await ran()).toContain('/of/this');
  await writeFile(join(elsewhere, 'config'), '');
  await writeFile(services, `data-dir ${elsewhere}\ntorrc /of/the/file\n${section}`);
  expect(await ran()).toContain('/of/the/file');
  await writeFile(join(elsewhere, 'config'), 'inbox.private yes\n');
  expect(await ran()).toContain('config, line 1: "a" cannot be private so');
  // The command line goes before the file.
  expect(await ran('--data-dir', home)).toContain('--hook-timeout is for the program of --hook');
});

it('does without the default configuration, even a broken one, if the file names another home', async () => {
  const { directory, services, tor } = await place();
  const [home, elsewhere] = [await temporaryDirectory(), await temporaryDirectory()];
  await writeFile(join(elsewhere, 'config'), 'torrc /of/this\n');
  const section = `[site a]\npath ${directory}\npassword-file ${directory}/password\n`;
  const ran = async (...options: string[]): Promise<string> => {
    const args = ['run', services, '--tor', tor, ...options];
    return (await runHere(args, { env: { ONIONFERRY_HOME: '', HOME: home, XDG_DATA_HOME: home } }))
      .stderr;
  };
  await mkdir(join(home, 'onionferry'));
  for (const broken of ['no option at all!\n', 'is-no-option yes\n', 'torrc /of/another\nx y\n']) {
    await writeFile(join(home, 'onionferry/config'), broken);
    await writeFile(services, section);
    expect(await ran()).toContain(join(home, 'onionferry/config'));
    await writeFile(services, `data-dir ${elsewhere}\n${section}`);
    expect(await ran()).toContain('/of/this');
    expect(await ran('--torrc', '/of/the/call')).toContain('/of/the/call');
  }
});

it('takes from the environment what goes before the file', async () => {
  const { directory, services, tor } = await place();
  const section = `[site a]\npath ${directory}\npassword-file ${directory}/password\n`;
  await writeFile(services, `proxy socks5://127.0.0.1:9\ntorrc /from/file\n${section}`);
  const ran = async (env: Record<string, string>): Promise<string> =>
    (await runHere(['run', services, '--tor', tor], { env })).stderr;
  expect(await ran({ ONIONFERRY_PROXY: 'ftp://x', ONIONFERRY_TORRC: '' })).toContain(
    'a proxy is given as',
  );
  expect(await ran({ ONIONFERRY_TORRC: '/from/env' })).toContain('/from/env');
  expect(await ran({})).toContain('/from/file');
});
