import { describe, expect, test } from 'vitest';
import { createIdentity } from '../../../src/onion/identity.js';
import type { Tor } from '../../../src/tor/instance/tor.js';
import { lendTor } from '../../../src/tor/supervise/lent-tor.js';

/** A tor that only keeps count of what is published on it and whether it was closed. */
function countingTor(): { tor: Tor; published: Set<string>; closed: () => boolean } {
  const published = new Set<string>();
  let isClosed = false;
  const close = (): Promise<void> => {
    isClosed = true;
    return Promise.resolve();
  };
  const forget = (onion: string) => (): Promise<void> => {
    published.delete(onion);
    return Promise.resolve();
  };
  const nothing = (): Promise<void> => Promise.resolve();
  const tor: Tor = {
    version: '0',
    socks: { kind: 'unix', path: '/socks' },
    died: new Promise(() => undefined),
    publish: ({ identity: { address: onion } }) => {
      published.add(onion);
      return Promise.resolve({ onion, close: forget(onion) });
    },
    publishEphemeral: async ({ signal }) => {
      const { address: onion } = createIdentity();
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
      published.add(onion);
      return { onion, ended: nothing(), close: forget(onion) };
    },
    presentKey: () => Promise.reject(new Error('not used')),
    newCircuits: nothing,
    ready: nothing,
    wake: () => Promise.resolve(true),
    closeCircuit: nothing,
    close,
    [Symbol.asyncDispose]: close,
  };
  return { tor, published, closed: () => isClosed };
}

describe('a tor that is lent to several', () => {
  test('loses what one has published when that one closes it, and goes on for the others', async () => {
    const { tor, published, closed } = countingTor();
    const told: string[] = [];
    const [first, second] = ['first', 'second'].map((name) => lendTor(tor, () => told.push(name)));
    await first!.publish({ identity: createIdentity(), ports: [] });
    await first!.publishEphemeral({ ports: [] });
    const other = await second!.publish({ identity: createIdentity(), ports: [] });
    await first!.close();
    await first!.close();
    expect([...published]).toEqual([other.onion]);
    expect(told).toEqual(['first']);
    expect(closed()).toBe(false);
    await other.close();
    await second!.close();
    expect(published.size).toBe(0);
  });

  test('ends a publication that is under way when it is closed', async () => {
    const { tor, published } = countingTor();
    const lent = lendTor(tor, () => undefined);
    const publishing = lent.publishEphemeral({ ports: [] });
    const outcome = expect(publishing).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await lent.close();
    await outcome;
    expect(published.size).toBe(0);
  });
});
