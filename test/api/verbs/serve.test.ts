import { expect, test, vi } from 'vitest';
import { withExpiry, withPrivate } from '../../../src/api/options.js';
import { withDrain, withMiddleware } from '../../../src/api/page-options.js';
import { serve } from '../../../src/api/verbs/serve.js';
import { publicClientKey } from '../../../src/onion/client-key.js';
import { answeringTor, newAt, observed, online, visit } from './fixture.js';

const hello: Parameters<typeof serve>[0] = (_, response) => void response.end('hello');

test('an application answers behind middleware, in the order in which that was given', async () => {
  const tor = await answeringTor();
  const passed: string[] = [];
  const middleware = ['first', 'second'].map((name) =>
    withMiddleware((_request, _response, next) => {
      passed.push(name);
      next();
    }),
  );
  const { place } = await online(serve(hello, ...(await newAt(tor)), ...middleware));
  expect(await (await visit(tor, place, '/')).text()).toBe('hello');
  expect(passed).toEqual(['first', 'second']);
});

test('a private address is published for the one key that it tells', async () => {
  const tor = await answeringTor();
  const { place } = await online(serve(hello, ...(await newAt(tor)), withPrivate()));
  const { clientKey = '' } = place;
  expect(tor.commands.find((one) => one.startsWith('ADD_ONION'))).toContain(
    // The event has the key as it was made.
    `ClientAuthV3=${publicClientKey(clientKey as Parameters<typeof publicClientKey>[0])}`,
  );
});

test('it expires, visitors are told so, and whoever runs it what it waits for', async () => {
  const tor = await answeringTor();
  const serving = await online(serve(hello, ...(await newAt(tor)), withExpiry(1)));
  const { call, place } = serving;
  await vi.waitFor(async () => {
    expect((await visit(tor, place, '/')).status).toBe(410);
  });
  expect((await serving.told('waiting')).reason).toContain('visitors are told so');
  await call.close();
});

test('a drain serves those who are in, lets nobody else in, and then ends', async () => {
  const tor = await answeringTor();
  const draining = new AbortController();
  let finish = (): void => undefined;
  const { call, place } = await online(
    serve(
      (_, response) => {
        response.write('begun ');
        finish = () => void response.end('and finished');
      },
      ...(await newAt(tor)),
      withDrain(draining.signal),
    ),
  );
  const inside = await visit(tor, place, '/');
  draining.abort();
  await vi.waitFor(async () => {
    expect((await visit(tor, place, '/')).status).toBe(410);
  });
  finish();
  expect(await inside.text()).toBe('begun and finished');
  await call.suspend();
  await call.done;
});

test('a drain waits no longer than it may', async () => {
  const tor = await answeringTor();
  const draining = new AbortController();
  const { call, place } = await online(
    serve(
      (_, response) => void response.write('begun'),
      ...(await newAt(tor)),
      withDrain(draining.signal, 1),
    ),
  );
  const inside = await visit(tor, place, '/');
  draining.abort();
  await call.done;
  expect(await inside.text()).toBe('begun');
});

test('a drain that begins before its service can be reached ends it as well', async () => {
  const tor = await answeringTor();
  const drain = withDrain(AbortSignal.abort(), 0);
  const { call } = observed(serve(hello, ...(await newAt(tor)), drain));
  await call.done;
});
