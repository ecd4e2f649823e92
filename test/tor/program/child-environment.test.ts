import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { readTorVersion } from '../../../src/tor/program/tor-program.js';
import { writeProgram } from './fake-tor.js';

test('tor gets the environment, without what is for this process alone', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-environment-'));
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await rm(directory, { recursive: true, force: true });
  });
  const alone = {
    NOTIFY_SOCKET: '/run/systemd/notify',
    WATCHDOG_USEC: '1000',
    WATCHDOG_PID: '1',
    LISTEN_FDS: '1',
    CREDENTIALS_DIRECTORY: '/run/credentials/a',
    ONIONFERRY_PASSWORD: 'secret',
    ONIONFERRY_HOME: '/var/lib/onionferry',
  };
  for (const [name, value] of Object.entries(alone)) vi.stubEnv(name, value);
  vi.stubEnv('HARMLESS', 'kept');
  const path = join(directory, 'tor');
  const names = Object.keys(alone).join('|');
  // It says a version only if it sees what it should, and nothing else.
  await writeProgram(
    path,
    `if [ "$HARMLESS" = kept ] && ! env | grep -qE '^(${names})='; then echo "Tor version 0.4.9.11."; fi`,
  );
  expect(await readTorVersion(path, {})).toBe('0.4.9.11');
});
