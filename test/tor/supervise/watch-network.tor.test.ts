import { once } from 'node:events';
import type { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { createIdentity } from '../../../src/onion/identity.js';
import type { Tor } from '../../../src/tor/instance/tor.js';
import type { Publication } from '../../../src/tor/service/publish.js';
import { startSupervisedTor } from '../../../src/tor/supervise/supervised-tor.js';
import { startTor } from '../../support/start-tor.js';
import { ask, type Echo, reach, startEcho } from '../support/echo-service.js';
import { isRunning, pidOf, withControl } from '../support/running-tor.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';

let home: TemporaryDirectory;
let client: Tor;
let host: Tor;
let echo: Echo;
let publication: Publication;
const logged: string[] = [];

beforeAll(async () => {
  home = await temporaryDirectory();
  const options = { dataDir: home.path, torrc: inject('torrc') };
  client = await startTor(options);
  const logger = { debug: (line: string): void => void logged.push(line), warn: () => undefined };
  host = await startSupervisedTor({ ...options, logger });
  echo = await startEcho(home.path, 'hello');
  publication = await host.publish({ identity: createIdentity(), ports: echo.ports });
});

afterAll(async () => {
  await host.close();
  await echo[Symbol.asyncDispose]();
  await client.close();
  await home[Symbol.asyncDispose]();
});

/** A connection that stays. */
async function connected(isolation: string): Promise<Socket> {
  const socket = await reach(client, publication.onion, isolation);
  await once(socket, 'data');
  return socket.on('error', () => undefined).resume();
}

describe('a tor that hosts a service', () => {
  test('reconnects when it is woken, and is the same tor with the same guards', async () => {
    const guards = (): Promise<string[]> =>
      withControl(host, async (control) =>
        (await control.getInfo('entry-guards')).split('\n').map((line) => line.slice(0, 41)),
      );
    const [pid, before] = [await pidOf(host), await guards()];
    const socket = await connected('woken');
    const ended = once(socket, 'close');
    expect(await Promise.all([host.wake(), host.wake()])).toEqual([true, true]);
    await ended;
    expect(await ask(client, publication.onion, 'after')).toBe('hello');
    expect(await pidOf(host)).toBe(pid);
    expect(await guards()).toEqual(expect.arrayContaining(before));
  });

  test('wakes by itself after the machine was asleep', async () => {
    const ended = once(await connected('asleep'), 'close');
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 3_600_000 });
    try {
      await ended;
      await expect.poll(() => logged).toContain('tor builds circuits again');
    } finally {
      vi.useRealTimers();
    }
    expect(logged).toContain('this machine was asleep');
    expect(await ask(client, publication.onion, 'awake')).toBe('hello');
  });

  test('wakes by itself when its network falls silent', async () => {
    logged.length = 0;
    // A tor without its network hears nothing.
    await withControl(host, (control) => control.setConf([['DisableNetwork', '1']]));
    await expect.poll(() => logged).toContain('tor builds circuits again');
    expect(logged).toContain('the network is silent');
    expect(await ask(client, publication.onion, 'silent')).toBe('hello');
  });

  test('is restarted if waking does not help', async () => {
    const pid = await pidOf(host);
    process.kill(pid, 'SIGSTOP'); // it hangs
    expect(await host.wake()).toBe(true);
    expect(await isRunning(pid)).toBe(false);
    expect(await ask(client, publication.onion, 'thawed')).toBe('hello');
  });
});
