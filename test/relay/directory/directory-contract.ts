import { expect, test } from 'vitest';
import type { OnionAddress } from '../../../src/onion/address.js';
import type { Directory } from '../../../src/relay/directory/directory.js';
import { newOnion } from '../support/fleet.js';

/** One backend's view of what several share. */
export interface Shared {
  readonly onion: OnionAddress;
  readonly directory: Directory;
}

const GUESSABLE = { isGuessable: true } as const;

/** What every directory does for the backends of a relay. @param open makes another backend */
export function describeDirectory(open: (onion: OnionAddress) => Promise<Directory>): void {
  async function backends(count: number): Promise<Shared[]> {
    return await Promise.all(
      Array.from({ length: count }, async () => {
        const onion = newOnion();
        return { onion, directory: await open(onion) };
      }),
    );
  }

  test('gives a name to whoever claims it first, and tells the others who has it', async () => {
    const [one, other] = (await backends(2)) as [Shared, Shared];
    expect(await one.directory.claim('a-b')).toBeUndefined();
    expect(await other.directory.claim('a-b')).toBe(one.onion);
    expect(await other.directory.find('a-b', GUESSABLE)).toBe(one.onion);
    expect(await other.directory.claim('c-d')).toBeUndefined();
  });

  test('lets a backend claim what it has, and finds nobody else there', async () => {
    const [one] = (await backends(2)) as [Shared, Shared];
    await one.directory.claim('a-b');
    expect(await one.directory.claim('a-b')).toBeUndefined();
    expect(await one.directory.find('a-b', GUESSABLE)).toBeUndefined();
    expect(one.directory.isCertain).toBe(true);
  });

  test('finds nobody at a name that nobody has', async () => {
    const [one] = (await backends(1)) as [Shared];
    expect(await one.directory.find('a-b', GUESSABLE)).toBeUndefined();
    expect(await one.directory.find('0'.repeat(32), { isGuessable: false })).toBeUndefined();
  });

  test('gives one of many that claim a name at the same time the name', async () => {
    const all = await backends(4);
    const answers = await Promise.all(all.map(({ directory }) => directory.claim('a-b')));
    const winner = all[answers.indexOf(undefined)];
    expect(answers.filter((answer) => answer !== undefined)).toEqual(
      Array.from({ length: 3 }, () => winner?.onion),
    );
  });

  test('lets others have a name that was given back, and no other', async () => {
    const [one, other] = (await backends(2)) as [Shared, Shared];
    for (const name of ['a-b', 'c-d']) await one.directory.claim(name);
    one.directory.release('a-b');
    await expect.poll(() => other.directory.claim('a-b')).toBeUndefined();
    expect(await other.directory.claim('c-d')).toBe(one.onion);
  });

  test('lets nobody give back what another one has', async () => {
    const [one, other] = (await backends(2)) as [Shared, Shared];
    await one.directory.claim('a-b');
    await other.directory.claim('c-d');
    for (const name of ['a-b', 'c-d']) other.directory.release(name);
    // Both are given back together.
    await expect.poll(() => one.directory.find('c-d', GUESSABLE)).toBeUndefined();
    expect(await other.directory.find('a-b', GUESSABLE)).toBe(one.onion);
  });

  test('keeps a name that is claimed again right after it was given back', async () => {
    const [one, other] = (await backends(2)) as [Shared, Shared];
    for (const name of ['a-b', 'c-d']) {
      await one.directory.claim(name);
      one.directory.release(name);
    }
    await one.directory.claim('a-b');
    await expect.poll(() => other.directory.find('c-d', GUESSABLE)).toBeUndefined();
    expect(await other.directory.find('a-b', GUESSABLE)).toBe(one.onion);
  });

  test('hands a name over to another backend, which may claim it at once', async () => {
    const [one, other] = (await backends(2)) as [Shared, Shared];
    await one.directory.claim('a-b');
    expect(await one.directory.leave()).toBe(true);
    expect(await one.directory.handOver('a-b')).toBe(other.onion);
    expect(await other.directory.claim('a-b')).toBeUndefined();
    expect(await one.directory.handOver('a-b')).toBe(other.onion);
    expect(await one.directory.find('a-b', GUESSABLE)).toBe(other.onion);
  });

  test('hands nothing over to backends that have left, or have ended', async () => {
    const [one, other, third] = (await backends(3)) as [Shared, Shared, Shared];
    await third.directory[Symbol.asyncDispose]();
    expect(await other.directory.leave()).toBe(true);
    expect(await one.directory.leave()).toBe(false);
    expect(await one.directory.handOver('a-b')).toBeUndefined();
  });

  test('lets others have the names of a backend that has ended', async () => {
    const [one, other] = (await backends(2)) as [Shared, Shared];
    await one.directory.claim('a-b');
    await one.directory[Symbol.asyncDispose]();
    expect(await other.directory.find('a-b', GUESSABLE)).toBeUndefined();
    expect(await other.directory.claim('a-b')).toBeUndefined();
  });
}
