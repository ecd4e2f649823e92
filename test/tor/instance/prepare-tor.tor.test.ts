import { access, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, inject, test, vi } from 'vitest';
import { createIdentity } from '../../../src/onion/identity.js';
import { dialOnion } from '../../../src/tor/dial/dial-onion.js';
import type { StartTorOptions, Tor } from '../../../src/tor/instance/tor.js';
import { fillDisk, mountAt } from '../../support/mounts.js';
import { startTor } from '../../support/start-tor.js';
import { runModule } from '../support/child-process.js';
import { isRunning, listensIn, pidOf, runDirectoryOf } from '../support/running-tor.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

function start(dataDir: string, options: Partial<StartTorOptions> = {}): Promise<Tor> {
  return startTor({ dataDir, torrc: inject('torrc'), ...options });
}

afterEach(() => vi.unstubAllEnvs());

/** Authorities that do not exist. */
const NOWHERE = [0, 1, 2]
  .map(
    (n) =>
      `DirAuthority x${n} orport=1 no-v2 v3ident=${String(n).repeat(40)} 127.0.0.1:${n + 1} ${String(n + 1).repeat(40)}`,
  )
  .join('\n');

describe.concurrent('a tor of our own', () => {
  test('is connected once it is returned, and leaves only its data when closed', async () => {
    await using home = await temporaryDirectory();
    const told: number[] = [];
    const tor = await start(home.path, { onBootstrap: (percent) => told.push(percent) });
    expect(tor.version).toMatch(/^0\.4\.\d+\.\d+/);
    expect(told.at(-1)).toBe(100);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    const pid = await pidOf(tor);
    const run = runDirectoryOf(tor);
    await tor.close();
    await tor.close();
    expect(await isRunning(pid)).toBe(false);
    expect(await listensIn(run)).toBe(false);
    await expect(access(run)).rejects.toThrow(/ENOENT/);
    expect((await readdir(join(home.path, 'tor'))).sort()).toEqual(['0', '0.lock']);
    expect(await readdir(join(home.path, 'tor', '0'))).toContain('state');
  });

  test('has a data directory to itself, also in one process', async () => {
    await using home = await temporaryDirectory();
    const both = await Promise.all([start(home.path), start(home.path)]);
    const used = await Promise.all(both.map((tor) => pidOf(tor)));
    expect(new Set(used).size).toBe(2);
    expect((await readdir(join(home.path, 'tor'))).sort()).toEqual(['0', '0.lock', '1', '1.lock']);
    await Promise.all(both.map((tor) => tor.close()));
    await using again = await start(home.path);
    expect(again.version).toBe(both[0].version);
    expect((await readdir(join(home.path, 'tor'))).sort()).toEqual(['0', '0.lock', '1', '1.lock']);
  });

  test('without room to connect says at once whose disk is full, and where; later it needs none', async () => {
    await using home = await temporaryDirectory();
    await using disk = await mountAt(join(home.path, 'disk'), 'tmpfs', 4 * 1024 * 1024);
    const free = await fillDisk(disk.path);
    await expect(start(disk.path)).rejects.toMatchObject({
      code: 'ERR_TOR_START',
      message: expect.stringMatching(
        /^tor cannot be connected: it cannot use \S+\/disk\/tor\/0\/\S+ in this machine’s data directory: the disk is full; free some space there, or name another one with --data-dir$/,
      ) as string,
    });
    await free();
    await (await start(disk.path)).close();
    await fillDisk(disk.path);
    await (await start(disk.path)).close();
  });

  test('sees none of our secrets in its environment', async () => {
    await using home = await temporaryDirectory();
    process.env['ONIONFERRY_PASSWORD'] = 'secret-words';
    try {
      await using tor = await start(home.path);
      const environment = await readFile(`/proc/${await pidOf(tor)}/environ`, 'latin1');
      expect(environment).toContain('PATH=');
      expect(environment).not.toContain('secret-words');
    } finally {
      delete process.env['ONIONFERRY_PASSWORD'];
    }
  });

  test('that is killed reports it at once, to pending calls too', async () => {
    await using home = await temporaryDirectory();
    const tor = await start(home.path);
    const publishing = tor.publish({
      identity: createIdentity(),
      ports: [{ virtual: 80, target: { unix: '/nonexistent' } }],
    });
    const outcome = publishing.then(
      () => 'published',
      (error: unknown) => error,
    );
    const pid = await pidOf(tor);
    process.kill(pid, 'SIGKILL');
    expect(await tor.died).toMatchObject({
      code: 'ERR_TOR_DIED',
      message: expect.stringMatching(/^tor was killed by SIGKILL/) as string,
    });
    expect(await outcome).toMatchObject({ code: 'ERR_TOR_DIED' });
    await expect(tor.newCircuits()).rejects.toMatchObject({ code: 'ERR_TOR_DIED' });
    await tor.close();
    await expect(access(runDirectoryOf(tor))).rejects.toThrow(/ENOENT/);
  });

  test('that is frozen stops a dial at its deadline, and can be closed', async () => {
    await using home = await temporaryDirectory();
    const tor = await start(home.path);
    const pid = await pidOf(tor);
    process.kill(pid, 'SIGSTOP');
    const { address: onion } = createIdentity();
    await expect(
      dialOnion({ socks: tor.socks, onion, port: 80, isolation: 'a', deadlineMs: 500 }),
    ).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
    await tor.close();
    expect(await isRunning(pid)).toBe(false);
  });

  test('ends with a process that is killed, and frees its directory for the next', async () => {
    await using home = await temporaryDirectory();
    await using owner = await runModule(
      `import { startTor } from './test/support/start-tor.js';
      const tor = await startTor({ dataDir: process.env.HOME_OF_TEST, torrc: process.env.TORRC_OF_TEST });
      console.log(JSON.stringify(tor.socks));
      setInterval(() => undefined, 1000);`,
      { HOME_OF_TEST: home.path, TORRC_OF_TEST: inject('torrc') },
    );
    const socks = JSON.parse(await owner.firstWord()) as Tor['socks'];
    const pid = await pidOf({ socks } as Tor);
    owner.process.kill('SIGKILL');
    // Without TAKEOWNERSHIP it would notice by itself, every fifteen seconds.
    const hasEnded = async (): Promise<boolean> => !(await isRunning(pid));
    await vi.waitUntil(hasEnded, { interval: 20, timeout: 60_000 });
    await using next = await start(home.path);
    expect(next.died).toBeInstanceOf(Promise);
    expect(await readdir(join(home.path, 'tor'))).not.toContain('1');
  });
});

describe('a start that fails', () => {
  /** Runs `startTor`, which must fail, and checks that no tor of it is left. */
  async function failing(options: Partial<StartTorOptions>): Promise<unknown> {
    await using home = await temporaryDirectory();
    vi.stubEnv('XDG_RUNTIME_DIR', home.path); // its sockets lie there, and nobody else's
    const error: unknown = await start(home.path, options).then(
      async (tor) => tor.close(),
      (reason: unknown) => reason,
    );
    // The lock is held by tor too: it can be had again only when that has ended.
    await using again = await start(home.path);
    expect(again.version).not.toBe('');
    expect(await readdir(join(home.path, 'tor'))).not.toContain('1');
    const runs = (await readdir(home.path)).filter((name) => name.startsWith('onionferry-run-'));
    expect(runs.map((name) => join(home.path, name))).toEqual([runDirectoryOf(again)]);
    return error;
  }

  test("reports tor's own reason when its configuration is wrong", async () => {
    expect(await failing({ torrc: 'Bridge not-a-bridge\nUseBridges 1' })).toMatchObject({
      code: 'ERR_TOR_START',
      message: expect.stringMatching(/^tor ended with status 1: .*[Bb]ridge/) as string,
    });
  });

  test('reports why tor does not connect', async () => {
    const torrc = `TestingTorNetwork 1\n${NOWHERE}`;
    expect(await failing({ torrc, bootstrapStallMs: 3_000 })).toMatchObject({
      code: 'ERR_TOR_BOOTSTRAP',
      message: expect.stringMatching(
        /^tor gets no further than \d+ % .*(internet|bridges)/,
      ) as string,
    });
  });

  test('leaves nothing behind when it is aborted, before and in the middle', async () => {
    const reason = new Error('enough');
    expect(await failing({ signal: AbortSignal.abort(reason) })).toBe(reason);
    const abort = new AbortController();
    const onBootstrap = (): void => abort.abort(reason);
    expect(await failing({ signal: abort.signal, onBootstrap })).toBe(reason);
  });

  test('reports that tor died', async () => {
    const abort = { died: false };
    await using home = await temporaryDirectory();
    const pidFile = join(home.path, 'pid');
    const torrc = `TestingTorNetwork 1\nPidFile "${pidFile}"\n${NOWHERE}`;
    const starting = startTor({
      dataDir: home.path,
      torrc,
      logger: {
        debug: (line) => {
          if (abort.died || !line.includes('Bootstrapped 0%')) return;
          abort.died = true;
          void readFile(pidFile, 'utf8').then((pid) => process.kill(Number(pid), 'SIGKILL'));
        },
        warn: () => undefined,
      },
    });
    await expect(starting).rejects.toMatchObject({
      code: expect.stringMatching(/ERR_TOR_(START|DIED)/) as string,
    });
  });
});

describe.concurrent('a tor that runs already', () => {
  test('is used through its ports, and left running', async () => {
    await using home = await temporaryDirectory();
    await using host = await start(home.path);
    if (host.socks.kind !== 'unix') throw new Error('these tests want unix sockets');
    const control = join(runDirectoryOf(host), 'control');
    const guest = await startTor({
      dataDir: home.path,
      external: { control, socks: host.socks.path },
    });
    expect(guest.version).toBe(host.version);
    const { address: onion } = createIdentity();
    await expect(
      dialOnion({ socks: guest.socks, onion, port: 80, isolation: 'a' }),
    ).rejects.toMatchObject({
      code: 'ERR_ONION_NOT_FOUND',
    });
    await guest.close();
    expect(await isRunning(await pidOf(host))).toBe(true);
  });

  test('is reported when it ends', async () => {
    await using home = await temporaryDirectory();
    const host = await start(home.path);
    if (host.socks.kind !== 'unix') throw new Error('these tests want unix sockets');
    const control = join(runDirectoryOf(host), 'control');
    await using guest = await startTor({
      dataDir: home.path,
      external: { control: `unix:${control}`, socks: host.socks.path },
    });
    await host.close();
    expect(await guest.died).toMatchObject({ code: 'ERR_TOR_DIED' });
  });

  test('that is not there is reported with its address', async () => {
    await using home = await temporaryDirectory();
    await expect(
      startTor({ dataDir: home.path, external: { control: '127.0.0.1:1', socks: '127.0.0.1:2' } }),
    ).rejects.toMatchObject({
      code: 'ERR_TOR_CONTROL',
      message: expect.stringContaining('127.0.0.1:1') as string,
    });
  });
});
