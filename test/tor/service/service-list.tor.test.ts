import { once } from 'node:events';
import { access } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parseOnionAddress } from '../../../src/onion/address.js';
import { createIdentity } from '../../../src/onion/identity.js';
import type { Setting } from '../../../src/tor/control/connection.js';
import type { Tor } from '../../../src/tor/instance/tor.js';
import { startTor } from '../../support/start-tor.js';
import { type Child, runModule } from '../support/child-process.js';
import { ask, type Echo, startEcho, startPair, type TorPair } from '../support/echo-service.js';
import { portsOf, withControl } from '../support/running-tor.js';

let pair: TorPair;
let echo: Echo;

beforeAll(async () => {
  pair = await startPair();
  echo = await startEcho(pair.home, 'hello');
});

afterAll(async () => {
  await echo[Symbol.asyncDispose]();
  await pair[Symbol.asyncDispose]();
});

function listed(): Promise<Setting[]> {
  return withControl(pair.service, (control) => control.getConf('HiddenServiceOptions'));
}

async function directories(): Promise<string[]> {
  const dirs = (await listed()).filter(([name]) => name === 'HiddenServiceDir');
  return dirs.flatMap(([, value]) => value ?? []);
}

function attach(): Promise<Tor> {
  return startTor({ dataDir: pair.home, external: portsOf(pair.service) });
}

/** A process that publishes on the shared tor and says its address; it ends politely on SIGTERM. */
function publisher(): Promise<Child> {
  return runModule(
    `import { startTor } from './test/support/start-tor.js';
    import { createIdentity } from './src/onion/identity.js';
    const { external, ports } = JSON.parse(process.env.SHARED_TOR);
    const tor = await startTor({ dataDir: '/', external });
    process.once('SIGTERM', () => tor.close());
    console.log((await tor.publish({ identity: createIdentity(), ports })).onion);`,
    { SHARED_TOR: JSON.stringify({ external: portsOf(pair.service), ports: echo.ports }) },
  );
}

describe('a tor that several processes share', () => {
  test('keeps the services of all that run, and in the end those it had before', async () => {
    const theirs: Setting[] = [
      ['HiddenServiceDir', `${pair.home}/theirs`],
      ['HiddenServicePort', '99 127.0.0.1:9'],
    ];
    await withControl(pair.service, (control) => control.setConf(theirs));
    const guest = await attach();
    await using killed = await publisher();
    await using ends = await publisher();
    const [first, second, third] = await Promise.all([
      killed.firstWord(),
      ends.firstWord(),
      guest.publish({ identity: createIdentity(), ports: echo.ports }),
      guest.publish({ identity: createIdentity(), ports: echo.ports }),
    ]);
    const onions = [first, second, third.onion].map((onion) => parseOnionAddress(onion.trim()));
    for (const onion of onions) expect(await ask(pair.client, onion, 'all')).toBe('hello');
    const before = await directories();
    expect(before).toHaveLength(5);

    const [killedNow, ended] = [killed, ends].map((child) => once(child.process, 'exit'));
    killed.process.kill('SIGKILL');
    await killedNow;
    ends.process.kill('SIGTERM');
    expect((await ended)?.[0]).toBe(0);
    // Its list was changed last when that of the killed one was there to be removed.
    expect(await directories()).toHaveLength(3);
    for (const directory of before.filter((path) => path.includes('onionferry-run-'))) {
      const isListed = (await directories()).includes(directory);
      await access(directory).then(
        () => expect(isListed).toBe(true),
        () => expect(isListed).toBe(false),
      );
    }
    expect(await ask(pair.client, third.onion, 'left')).toBe('hello');
    await guest.close();
    expect(await listed()).toEqual(theirs);
    await withControl(pair.service, (control) => control.setConf([['HiddenServiceDir']]));
  });

  test('gets back a service that somebody else has removed', async () => {
    await using guest = await attach();
    const { onion } = await guest.publish({ identity: createIdentity(), ports: echo.ports });
    const before = await directories();
    expect(before).toHaveLength(1);
    // As another program may do, or a torrc that is read again.
    await withControl(pair.service, (control) => control.setConf([['HiddenServiceDir']]));
    await vi.waitFor(async () => expect(await directories()).toEqual(before), { timeout: 60_000 });
    expect(await ask(pair.client, onion, 'again')).toBe('hello');
  });
});
