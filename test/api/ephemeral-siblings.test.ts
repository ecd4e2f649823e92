import { expect, onTestFinished, test } from 'vitest';
import {
  EphemeralSiblings,
  type EphemeralSiblingsOptions,
  parallelWith,
} from '../../src/api/ephemeral-siblings.js';
import { withSingleAddress } from '../../src/api/options.js';
import { applyOptions } from '../../src/api/settings.js';
import { type Deferred, deferred } from '../../src/base/deferred.js';
import { silentLogger } from '../../src/base/logger.js';
import type { OnionAddress } from '../../src/onion/address.js';

type Publish = EphemeralSiblingsOptions['tor']['publishEphemeral'];

/** Siblings of a tor that has each address online when the test says so. */
function siblingsOnTor(): {
  readonly siblings: EphemeralSiblings;
  readonly asked: Map<string, Deferred<undefined>>;
} {
  const asked = new Map<string, Deferred<undefined>>();
  const publishEphemeral: Publish = async ({ identity, signal }) => {
    if (identity === undefined) throw new Error('its address is to be known beforehand');
    const online = deferred<undefined>();
    asked.set(`http://${identity.address}`, online);
    signal?.addEventListener('abort', () => online.reject(new Error('ended')));
    await online.promise;
    const ended = deferred<undefined>();
    return {
      onion: identity.address,
      ended: ended.promise,
      async close() {
        ended.resolve(undefined);
        await ended.promise;
      },
    };
  };
  const ending = new AbortController();
  const { signal } = ending;
  const siblings = new EphemeralSiblings({
    tor: { publishEphemeral },
    signal,
    logger: silentLogger,
  });
  siblings.answerWith(() => (_request, response) => void response.end());
  onTestFinished(() => siblings[Symbol.asyncDispose]());
  return { siblings, asked };
}

test('siblings are published when they are wanted, not before, and each is told of at once', async () => {
  const { siblings, asked } = siblingsOnTor();
  expect(siblings.origins).toHaveLength(8);
  expect(siblings.wanted()).toEqual([]);
  await expect.poll(() => asked.size).toBe(8);
  expect([...asked.keys()].sort()).toEqual([...siblings.origins].sort());
  const { news } = siblings;
  const [, , third = ''] = siblings.origins;
  asked.get(third)?.resolve(undefined);
  await news;
  expect(siblings.wanted()).toEqual([third]);
});

test('with a single address pages know of no siblings', () => {
  const { siblings } = siblingsOnTor();
  // Any will do: what it leads to is not looked at.
  const onion = `${'a'.repeat(56)}.onion` as OnionAddress;
  const origin = `http://${onion}`;
  expect(parallelWith(siblings, onion, applyOptions([]))).toEqual({ siblings, origin });
  expect(parallelWith(siblings, onion, applyOptions([withSingleAddress()]))).toBeUndefined();
});
