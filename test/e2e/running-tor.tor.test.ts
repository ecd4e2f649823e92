import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { expect, inject, vi } from 'vitest';
import { authenticate } from '../../src/tor/control/authenticate.js';
import { ControlConnection } from '../../src/tor/control/connection.js';
import { hashOf, sha256 } from '../support/carry.js';
import { test as base } from '../support/stage.js';
import { startTor } from '../support/start-tor.js';
import { type FilteredControl, startFilteredControl } from '../tor/support/filtered-control.js';
import { portsOf } from '../tor/support/running-tor.js';

const CONTENT = randomBytes(300_000);
/** How often programs come and go; `npm run reach` has them do so more often. */
const ENDS = process.env['REACH'] === 'full' ? 50 : 3;

interface Running {
  readonly filter: FilteredControl;
  /** tor's configuration, all of it. */
  readonly configuration: () => Promise<string>;
  /** Whether tor has this service, whoever has added it. */
  readonly has: (onion: string) => Promise<boolean>;
}

/** A tor that runs before onionferry does, with a filter before its control port. */
const test = base.extend<{ running: Running }>({
  running: async ({ stage }, use) => {
    await using tor = await startTor({ dataDir: stage.at('running'), torrc: inject('torrc') });
    const { control: path } = portsOf(tor);
    await using filter = await startFilteredControl(path);
    const control = await ControlConnection.connect({ kind: 'unix', path });
    try {
      await authenticate(control);
      await use({
        filter,
        configuration: () => control.getInfo('config-text'),
        has: (onion) =>
          control.getInfo(`hs/service/desc/id/${onion.replace('.onion', '')}`).then(
            (descriptor) => descriptor !== '',
            () => false,
          ),
      });
    } finally {
      control.close();
    }
  },
});

test('a filtered control port is found, used, and left as it was', async ({ stage, running }) => {
  const { filter, configuration, has } = running;
  const before = await configuration();
  const env = { TOR_CONTROL_PORT: String(filter.port) };
  const file = await stage.file('from/note', CONTENT);
  const sender = await stage.start(['send', '--json', '--control', 'auto', file], { env });
  const tor = await sender.told('tor', ({ progress }) => progress === 100);
  expect(tor.summary).toContain(`127.0.0.1:${filter.port}`);
  const { invitation, onion } = await sender.told('online');
  expect(await has(onion)).toBe(true);
  const recipient = await stage.start(
    ['receive', '--json', '--control', 'auto', '--out', stage.at('to')],
    { env, input: invitation },
  );
  await Promise.all([recipient.exits(0), sender.exits(0)]);
  expect(await hashOf(stage.at('to/note'))).toBe(sha256(CONTENT));
  expect(filter.refused).toContain('SETEVENTS');
  expect(await has(onion)).toBe(false);
  expect(await configuration()).toBe(before);
});

test('after any end of any program, a running tor is configured as before', {
  timeout: 20 * 60_000,
}, async ({ stage, running }) => {
  const { filter, configuration, has } = running;
  const before = await configuration();
  const file = await stage.file('from/note', CONTENT);
  const folder = dirname(file);
  const verbs = [
    ...[['send', file], ['share', folder], ['inbox', folder], ['site', folder], ['relay']],
    ['send', '--keep', file],
  ];
  const kinds = ['SIGKILL', 'early', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const;
  for (let round = 0; round < ENDS; round++) {
    const kind = kinds[round % kinds.length] ?? 'early';
    const verb = verbs[round % verbs.length] ?? [];
    const ferry = await stage.start([...verb, '--json', '--ephemeral', '--control', 'auto'], {
      env: { TOR_CONTROL_PORT: String(filter.port) },
    });
    await ferry.told('tor');
    const onion = kind === 'early' ? undefined : (await ferry.told('online')).onion;
    if (kind === 'SIGKILL') await ferry.kill();
    else await ferry.endBy(kind === 'early' ? 'SIGINT' : kind);
    if (onion !== undefined) {
      await vi.waitUntil(async () => !(await has(onion)), { interval: 20, timeout: 60_000 });
    }
    expect(await configuration()).toBe(before);
  }
});
