import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { Link } from '../../src/private-network/options.js';
import { startPrivateNetwork } from '../../src/private-network/start.js';
import { startTor } from '../support/start-tor.js';

/** Passes connections on, and counts those to each relay. */
async function carry(
  links: readonly Link[],
  counts: Map<number, number>,
): Promise<AsyncDisposable> {
  const servers = links.map(({ address, from, to }) => {
    const server = createServer((near) => {
      counts.set(from, (counts.get(from) ?? 0) + 1);
      const far = connect(to, address);
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        one.on('error', () => undefined);
        one.once('close', () => other.destroy());
        one.pipe(other);
      }
    });
    return server.listen(from, address);
  });
  await Promise.all(servers.map((server) => once(server, 'listening')));
  return {
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => once(server.close(), 'close')));
    },
  };
}

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

interface Listed {
  readonly nickname: string;
  readonly isGuard: boolean;
  readonly weight: number;
}

function relaysOf(consensus: string): Listed[] {
  return consensus
    .split(/^(?=r )/m)
    .slice(1)
    .map((entry) => ({
      nickname: entry.split(' ')[1] ?? '',
      isGuard: /^s .*\bGuard\b/m.test(entry),
      weight: Number(/^w Bandwidth=(\d+)/m.exec(entry)?.[1]),
    }))
    .sort((one, other) => one.nickname.localeCompare(other.nickname));
}

test('relays are what they are told to be, and reached only through the carrier of the links, which is disposed of at the end', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-links-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const program = inject('torProgram');
  const counts = new Map<number, number>();
  let relays = 0;
  let isDisposed = false;
  let listensAt = 0;
  const network = await startPrivateNetwork({
    program,
    directory: join(directory, 'network'),
    relays: [{ rateBytes: 500_000, weight: 50 }, {}],
    guards: 'authorities',
    carryLinks: async (links) => {
      relays = links.length;
      listensAt = links.find(({ nickname }) => nickname === 'r1')?.to ?? 0;
      const carrier = await carry(links, counts);
      return {
        async [Symbol.asyncDispose]() {
          await carrier[Symbol.asyncDispose]();
          isDisposed = true;
        },
      };
    },
  });
  onTestFinished(() => network.close());
  const { torrc } = network;
  const client = await startTor({ dataDir: join(directory, 'data'), found: program, torrc });
  await client.close();
  expect(relays).toBe(5);
  expect(counts.size).toBe(5);
  const consensus = await readFile(
    join(directory, 'data', 'tor', '0', 'cached-microdesc-consensus'),
    'latin1',
  );
  const listed = relaysOf(consensus);
  expect(listed.map(({ nickname, isGuard }) => [nickname, isGuard])).toEqual([
    ['a0', true],
    ['a1', true],
    ['a2', true],
    ['r0', false],
    ['r1', false],
  ]);
  const weights = listed.map(({ weight }) => weight);
  expect(weights.slice(3)).toEqual([50, 10_000]);
  // tor itself gives an authority what it was seen to carry before the vote, in kB/s: 1 at most.
  expect(Math.max(...weights.slice(0, 3))).toBeLessThanOrEqual(1);
  const relay = network.relays.find(({ nickname }) => nickname === 'r1');
  await relay?.kill();
  expect(await isListening(listensAt)).toBe(false);
  relay?.start();
  while (!(await isListening(listensAt))) await sleep(50);
  await network.close();
  expect(await isListening(listensAt)).toBe(false);
  expect(isDisposed).toBe(true);
});
