import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

test('relays are reached only through the carrier of the links, which is disposed of at the end', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-links-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const program = inject('torProgram');
  const counts = new Map<number, number>();
  let relays = 0;
  let isDisposed = false;
  const network = await startPrivateNetwork({
    program,
    directory: join(directory, 'network'),
    relays: 2,
    carryLinks: async (links) => {
      relays = links.length;
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
  await network.close();
  expect(isDisposed).toBe(true);
});
