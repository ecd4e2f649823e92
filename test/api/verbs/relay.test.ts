import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withClientKey, withExpiry, withPrivate, withRelay } from '../../../src/api/options.js';
import { withDrain, withMiddleware } from '../../../src/api/page-options.js';
import { withAccept, withOutput } from '../../../src/api/receive-options.js';
import { receive } from '../../../src/api/verbs/receive.js';
import { relay } from '../../../src/api/verbs/relay.js';
import { send } from '../../../src/api/verbs/send.js';
import { toBase64 } from '../../../src/base/bytes.js';
import { clientKeyBytes, parseClientKey } from '../../../src/onion/client-key.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { answeringTor, at, files, newAt, observed, online, visit } from './fixture.js';

test('a transfer goes over somebody else’s relay, with the key for its private address', async () => {
  const tor = await answeringTor();
  const { call, place } = await online(relay(...(await newAt(tor)), withPrivate()));
  const { onion, password, clientKey = '' } = place;
  const folder = await files({ a: 'over a relay' });
  const [over, key] = [withRelay(onion, password), withClientKey(clientKey)];
  const { call: sending, place: sent } = await online(
    send([join(folder, 'a')], ...(await newAt(tor)), over, key),
  );
  expect(sent.onion).toBe(onion);
  const to = await temporaryDirectory();
  const { call: receiving } = observed(
    receive(sent.invitation, ...(await at(tor)), withOutput(to)),
  );
  await Promise.all([receiving.done, sending.done]);
  expect(await readFile(join(to, 'a'), 'utf8')).toBe('over a relay');
  expect(call.counts()).toMatchObject({ pairsMade: 1 });
  const shown = `x25519:${toBase64(clientKeyBytes(parseClientKey(clientKey)))}`;
  const name = onion.replace('.onion', '');
  expect(
    tor.commands.filter((one) => one === `ONION_CLIENT_AUTH_ADD ${name} ${shown}`),
  ).toHaveLength(2);
});

test('middleware of a relay may refuse what its clients ask', async () => {
  const tor = await answeringTor();
  const refuses = withMiddleware((_request, _response, next) => {
    next(Object.assign(new Error('slow down'), { status: 429 }));
  });
  const { place } = await online(relay(...(await newAt(tor)), refuses));
  expect((await visit(tor, place, '/join', { method: 'POST' })).status).toBe(429);
});

test('a relay ends when it expires', async () => {
  const tor = await answeringTor();
  const { call } = await online(relay(...(await newAt(tor)), withExpiry(1)));
  await call.done;
});

test('a relay that drains with nobody there ends at once', async () => {
  const tor = await answeringTor();
  const draining = new AbortController();
  const { call } = await online(relay(...(await newAt(tor)), withDrain(draining.signal)));
  draining.abort();
  await call.done;
});

/** A transfer whose recipient has not made up its mind. */
async function undecided(maxMs: number): Promise<{
  drain: () => void;
  accept: () => void;
  ended: Promise<void>;
  arrived: Promise<unknown>;
}> {
  const tor = await answeringTor();
  const draining = new AbortController();
  const hosted = await online(relay(...(await newAt(tor)), withDrain(draining.signal, maxMs)));
  const { onion, password } = hosted.place;
  const { place } = await online(
    send({ text: 'hello' }, ...(await newAt(tor)), withRelay(onion, password)),
  );
  let accept = (): void => undefined;
  const decision = new Promise<boolean>((resolve) => {
    accept = () => resolve(true);
  });
  const receiving = observed(
    receive(
      place.invitation,
      ...(await at(tor)),
      withAccept(() => decision),
    ),
  );
  await receiving.told('offer');
  return {
    drain: () => draining.abort(),
    accept,
    ended: hosted.call.done,
    arrived: receiving.call.done,
  };
}

test('a relay that drains ends after the transfer that runs', async () => {
  const { drain, accept, ended, arrived } = await undecided(600_000);
  drain();
  accept();
  expect(await arrived).toMatchObject({ text: 'hello' });
  await ended;
});

test('a relay that drains waits for a transfer no longer than it may', async () => {
  const { drain, ended, arrived } = await undecided(1);
  arrived.catch(() => undefined);
  drain();
  await ended;
});
