import { access, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, inject, test, vi } from 'vitest';
import { createIdentity } from '../../../src/onion/identity.js';
import type { StartTorOptions, Tor } from '../../../src/tor/instance/tor.js';
import { startSupervisedTor } from '../../../src/tor/supervise/supervised-tor.js';
import { startTor } from '../../support/start-tor.js';
import { ask, startEcho } from '../support/echo-service.js';
import {
  isRunning,
  listensIn,
  pidOf,
  portsOf,
  runDirectoryOf,
  withControl,
} from '../support/running-tor.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** A tor and its events. */
interface Supervised extends AsyncDisposable {
  readonly tor: Tor;
  readonly told: string[];
}

async function start(dataDir: string, options: Partial<StartTorOptions> = {}): Promise<Supervised> {
  const told: string[] = [];
  const tor = await startSupervisedTor({
    dataDir,
    torrc: inject('torrc'),
    onAway: () => told.push('away'),
    onBack: () => told.push('back'),
    ...options,
  });
  return { tor, told, [Symbol.asyncDispose]: () => tor.close() };
}

async function kill(tor: Tor): Promise<void> {
  process.kill(await pidOf(tor), 'SIGKILL');
}

async function hasEntered(told: readonly string[], ...expected: string[]): Promise<void> {
  // Not expect.poll, which works in one test at a time only.
  await vi.waitFor(() => expect(told).toEqual(expected), { interval: 20, timeout: 60_000 });
}

describe.concurrent('a supervised tor that is killed', () => {
  test('comes back with its services at the same addresses', async () => {
    await using home = await temporaryDirectory();
    await using client = await startTor({ dataDir: home.path, torrc: inject('torrc') });
    await using host = await start(home.path);
    await using one = await startEcho(home.path, 'one');
    await using two = await startEcho(home.path, 'two');
    let tors = 1;
    const first = await host.tor.publish({
      ...{ identity: createIdentity(), ports: one.ports },
      onNewTor: () => {
        tors++;
      },
    });
    const second = await host.tor.publish({ identity: createIdentity(), ports: two.ports });
    expect(await ask(client, first.onion, 'before')).toBe('one');
    const pid = await pidOf(host.tor);
    process.kill(pid, 'SIGKILL');
    await hasEntered(host.told, 'away', 'back');
    expect(await pidOf(host.tor)).not.toBe(pid);
    expect(tors).toBe(2);
    expect(await ask(client, first.onion, 'after')).toBe('one');
    expect(await ask(client, second.onion, 'after')).toBe('two');
    expect((await readdir(join(home.path, 'tor'))).sort()).toEqual(['0', '0.lock', '1', '1.lock']);
    await first.close();
    await second.close();
    const left = await withControl(host.tor, (control) => control.getConf('HiddenServiceOptions'));
    expect(left.filter(([, value]) => value !== undefined)).toEqual([]);
  });

  test('can be dialled at once: the dial waits until it is back', async () => {
    await using home = await temporaryDirectory();
    await using service = await startTor({ dataDir: home.path, torrc: inject('torrc') });
    await using echo = await startEcho(home.path, 'hello');
    const { onion } = await service.publish({ identity: createIdentity(), ports: echo.ports });
    await using client = await start(home.path);
    await kill(client.tor);
    expect(await ask(client.tor, onion, 'a')).toBe('hello');
    await kill(client.tor);
    await hasEntered(client.told, 'away', 'back', 'away');
    await client.tor.newCircuits();
    expect(await ask(client.tor, onion, 'b')).toBe('hello');
  });

  test('completes a publication that was interrupted', async () => {
    await using home = await temporaryDirectory();
    await using client = await startTor({ dataDir: home.path, torrc: inject('torrc') });
    await using host = await start(home.path);
    await using echo = await startEcho(home.path, 'hello');
    const publishing = host.tor.publish({ identity: createIdentity(), ports: echo.ports });
    await kill(host.tor);
    const { onion } = await publishing;
    expect(host.told).toContain('away');
    expect(await ask(client, onion, 'a')).toBe('hello');
  });

  test('forgets a service that is closed while it is away', async () => {
    await using home = await temporaryDirectory();
    await using host = await start(home.path);
    await using echo = await startEcho(home.path, 'hello');
    const publication = await host.tor.publish({
      identity: createIdentity(),
      ports: echo.ports,
    });
    await kill(host.tor);
    await hasEntered(host.told, 'away');
    await publication.close();
    await hasEntered(host.told, 'away', 'back');
    const listed = await withControl(host.tor, (control) => control.getConf('HiddenServiceDir'));
    expect(listed.filter(([, value]) => value !== undefined)).toEqual([]);
  });

  test.for([
    'at once',
    'while it restarts',
    'while it publishes again',
  ])('leaves nothing behind if it is closed %s', async (when) => {
    await using home = await temporaryDirectory();
    const told: string[] = [];
    const onBootstrap = (percent: number): void => void told.push(`${percent} %`);
    const host = await start(home.path, { onBootstrap, onAway: () => told.push('away') });
    await using echo = await startEcho(home.path, 'hello');
    await host.tor.publish({ identity: createIdentity(), ports: echo.ports });
    const run = runDirectoryOf(host.tor);
    const pid = await pidOf(host.tor);
    process.kill(pid, 'SIGKILL');
    const last = { 'while it restarts': /%$/, 'while it publishes again': /^100 %$/ }[when];
    await vi.waitFor(
      () => {
        expect(told).toContain('away');
        const since = told.slice(told.indexOf('away'));
        if (last !== undefined) expect(since).toContainEqual(expect.stringMatching(last));
      },
      { interval: 5, timeout: 60_000 },
    );
    await host.tor.close();
    await host.tor.close();
    expect(host.told).not.toContain('back');
    await expect(host.tor.ready()).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    expect(await isRunning(pid)).toBe(false);
    expect(await listensIn(run)).toBe(false);
    await expect(access(run)).rejects.toThrow(/ENOENT/);
    // The lock is held by tor too: it can be had again only when that has ended.
    await using again = await startTor({ dataDir: home.path, torrc: inject('torrc') });
    expect(await readdir(join(home.path, 'tor'))).not.toContain('1');
    expect(again.version).not.toBe('');
  });

  test('is given up when it does not stay up', async () => {
    await using home = await temporaryDirectory();
    const broken = join(home.path, 'broken');
    const program = join(home.path, 'fragile tor');
    const { path, ...found } = inject('torProgram');
    const script = `#!/bin/sh\nif [ -e '${broken}' ]; then exit 3; fi\nexec '${path}' "$@"\n`;
    await writeFile(program, script, { mode: 0o755 });
    await using host = await start(home.path, { found: { ...found, path: program } });
    await writeFile(broken, '');
    await kill(host.tor);
    const waiting = host.tor.newCircuits().catch((error: unknown) => error);
    expect(await host.tor.died).toMatchObject({
      code: 'ERR_TOR_DIED',
      message: expect.stringMatching(/^tor does not stay up: tor ended with status 3/) as string,
    });
    expect(await waiting).toMatchObject({ code: 'ERR_TOR_DIED' });
    await expect(host.tor.ready()).rejects.toMatchObject({ code: 'ERR_TOR_DIED' });
    expect(host.told).toEqual(['away']);
  });
});

describe("a tor of somebody else's that is restarted", () => {
  test('is attached again and gets its services back', async () => {
    await using home = await temporaryDirectory();
    await using client = await startTor({ dataDir: home.path, torrc: inject('torrc') });
    await using owner = await start(home.path);
    await using guest = await start(home.path, { external: portsOf(owner.tor) });
    await using echo = await startEcho(home.path, 'hello');
    const publication = await guest.tor.publish({
      identity: createIdentity(),
      ports: echo.ports,
    });
    expect(await ask(client, publication.onion, 'before')).toBe('hello');
    await kill(owner.tor);
    await hasEntered(guest.told, 'away', 'back');
    expect(await ask(client, publication.onion, 'after')).toBe('hello');
    expect(await guest.tor.wake()).toBe(true);
    await publication.close();
    expect(await isRunning(await pidOf(owner.tor))).toBe(true);
  });
});
