import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, inject, test } from 'vitest';
import { startPrivateNetwork } from '../../src/private-network/start.js';
import { torEnvironment } from '../../src/tor/program/tor-program.js';
import { startTor } from '../support/start-tor.js';

describe('the private network', () => {
  let directory = '';
  afterEach(() => rm(directory, { recursive: true, force: true }));

  test('lets a client bootstrap that knows only its torrc lines', async () => {
    directory = await mkdtemp(join(tmpdir(), 'onionferry-client-'));
    const program = inject('torProgram');
    const torrc = join(directory, 'torrc');
    await writeFile(
      torrc,
      `${inject('torrc')}DataDirectory ${directory}/data\nSocksPort unix:${directory}/socks\nLog notice stdout\n`,
    );
    const client = spawn(program.path, ['-f', torrc], { env: torEnvironment(program) });
    const reached: string[] = [];
    try {
      for await (const line of createInterface({ input: client.stdout })) {
        const step = /Bootstrapped (\d+%)/.exec(line)?.[1];
        if (step !== undefined) reached.push(step);
        if (step === '100%') break;
      }
    } finally {
      client.kill('SIGKILL');
    }
    expect(reached).toContain('100%');
  });

  test('serves a client even if a relay starts seconds after the others', async () => {
    directory = await mkdtemp(join(tmpdir(), 'onionferry-late-relay-'));
    const program = inject('torProgram');
    const late = join(directory, 'late-tor');
    await writeFile(
      late,
      `#!/bin/sh\ncase "$*" in */r0/torrc*) sleep 2;; esac\nexec '${program.path}' "$@"\n`,
      { mode: 0o700 },
    );
    await using network = await startPrivateNetwork({
      program: { ...program, path: late },
      directory: join(directory, 'network'),
      relays: 2,
    });
    const { torrc } = network;
    const client = await startTor({ dataDir: join(directory, 'data'), found: program, torrc });
    await expect(client.close()).resolves.toBeUndefined();
  });
});
