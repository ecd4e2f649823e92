import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { Systemd } from '../../../src/cli/services/systemd.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

/** Puts a program of this name in front of all others, which writes down what it is given. */
async function systemdNotify(): Promise<() => Promise<string[]>> {
  const directory = await temporaryDirectory();
  const program = join(directory, 'systemd-notify');
  await writeFile(program, `#!/bin/sh\necho "$@" >>'${directory}/told'\n`);
  await chmod(program, 0o700);
  const before = process.env['PATH'];
  process.env['PATH'] = `${directory}:${before}`;
  onTestFinished(() => void (process.env['PATH'] = before));
  return async () => (await readFile(join(directory, 'told'), 'utf8')).trim().split('\n');
}

const nobody = (message: string): never => {
  throw new Error(message);
};

it('tells systemd that it is ready, lives and ends, in order', async () => {
  const told = await systemdNotify();
  {
    const environment = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '60000' };
    await using systemd = new Systemd(environment, nobody);
    systemd.status('0 of 2');
    systemd.ready('2 of 2');
    await expect.poll(told).toContain('WATCHDOG=1');
    systemd.stopping(30_000);
  }
  expect((await told()).filter((line) => line !== 'WATCHDOG=1')).toEqual([
    ...['STATUS=0 of 2', 'READY=1 STATUS=2 of 2', 'STOPPING=1 EXTEND_TIMEOUT_USEC=45000000'],
  ]);
});

it('leaves it alone where it does not ask, and a watchdog of another process', async () => {
  const told = await systemdNotify();
  {
    await using systemd = new Systemd({ WATCHDOG_USEC: '1000' }, nobody);
    systemd.ready('all');
    const other = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' };
    await using watched = new Systemd(other, nobody);
    watched.ready('other');
  }
  expect(await told()).toEqual(['READY=1 STATUS=other']);
});

it('says three times in the time of the watchdog that it lives, and to its own alone', async () => {
  const told = await systemdNotify();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  {
    const watchdog = { NOTIFY_SOCKET: '/run/x', WATCHDOG_USEC: '3000000' };
    await using systemd = new Systemd(watchdog, nobody);
    systemd.ready('mine');
    await using other = new Systemd({ ...watchdog, WATCHDOG_PID: '1' }, nobody);
    other.ready('other');
    vi.advanceTimersByTime(3_000);
  }
  expect((await told()).filter((line) => line === 'WATCHDOG=1')).toHaveLength(3);
  expect(await told()).toContain('READY=1 STATUS=other');
});

it('says once that systemd cannot be told', async () => {
  const before = process.env['PATH'];
  process.env['PATH'] = '';
  onTestFinished(() => void (process.env['PATH'] = before));
  const failures: string[] = [];
  {
    const environment = { NOTIFY_SOCKET: '/run/x' };
    await using systemd = new Systemd(environment, (message) => void failures.push(message));
    systemd.ready('');
    systemd.status('');
  }
  expect(failures).toEqual([expect.stringContaining('ENOENT')]);
});
