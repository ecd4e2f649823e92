import { setMaxListeners } from 'node:events';
import { expect, inject } from 'vitest';
import { deferred } from '../../src/base/deferred.js';
import { parseOnionAddress } from '../../src/onion/address.js';
import { test } from '../support/stage.js';
import { startVisitor } from '../support/visitor.js';
import type { Target } from './attack.js';
import { ATTACKS } from './attacks.js';

// In full they run by `npm run attack`; here only to see that each still does what it says.
test('under all attacks on a share at once, each from two circuits, a visitor is served', async ({
  stage,
}) => {
  const file = await stage.file('content', 'x'.repeat(1_000_000));
  const share = await stage.start(['share', file, '--json']);
  await using visitor = await startVisitor(stage.path, inject('torrc'));
  const online = await share.told('online');
  const { onion, user, password } = online;
  const target: Target = {
    ...{ kind: 'share', onion: parseOnionAddress(onion), user, password },
    access: password.split('-').slice(0, 2).join('-'),
  };
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const attacks = ATTACKS.filter(({ targets }) => targets.includes('share')).map((attack) => {
    const seen = deferred<string>();
    const run = attack.run({
      ...{ target, circuits: 2, signal: ending.signal },
      socks: { kind: 'tcp', host: '127.0.0.1', port: inject('socksPort') },
      // Failures come as well, as circuits are closed.
      count: (what) => {
        if (!what.startsWith('failed')) seen.resolve(what);
      },
    });
    return { seen: seen.promise, run };
  });
  await Promise.all(attacks.map(({ seen }) => seen));
  expect((await visitor.visit(online, '/')).status).toBe(200);
  ending.abort(new Error('over'));
  await Promise.allSettled(attacks.map(({ run }) => run));
});
