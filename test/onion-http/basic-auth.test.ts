import express from 'express';
import { expect, test } from 'vitest';
import { formatAuthorization } from '../../src/base/authorization.js';
import { deferred } from '../../src/base/deferred.js';
import { Access } from '../../src/onion-http/access.js';
import { requireBasicAuth } from '../../src/onion-http/basic-auth.js';
import type { Verdict } from '../../src/onion-http/guess-queue.js';
import { DEFAULT_HTTP_LIMITS, type HttpLimits } from '../../src/onion-http/limits.js';
import { ask, serving } from '../pages/support/serving.js';

const CREDENTIALS = { user: 'gäst', password: 'ärger-straße' };

function authorizedAs(password: string): { headers: Record<string, string> } {
  return { headers: { authorization: formatAuthorization({ user: 'gäst', password }) } };
}

async function served(
  judge?: (password: string) => Promise<Verdict>,
  limits: Partial<HttpLimits> = { accessDelayMs: 1 },
): Promise<number> {
  const access = new Access(CREDENTIALS, { ...DEFAULT_HTTP_LIMITS, ...limits });
  const app = express();
  app.use(
    requireBasicAuth({
      access,
      unauthorized: { bodyFor: () => ({ error: 'unauthorized' }), headers: { 'X-Policy': 'none' } },
      busy: () => Object.assign(new Error('busy'), { status: 503 }),
      ...(judge !== undefined && { judge: (_request, _user, password) => judge(password) }),
    }),
  );
  app.use((request, response) => void response.send(`to ${request.path}`));
  return await serving(app);
}

test('of requests judged at once each gets its own verdict, in whatever order they come', async () => {
  const verdicts = new Map(['right', 'wrong', 'late'].map((name) => [name, deferred<Verdict>()]));
  const judged = deferred<undefined>();
  let waiting = 0;
  const port = await served((password) => {
    if (++waiting === verdicts.size) judged.resolve(undefined);
    return verdicts.get(password)?.promise ?? Promise.resolve('wrong');
  });
  const replies = [...verdicts.keys()].map((name) => ask(port, `/${name}`, authorizedAs(name)));
  await judged.promise;
  verdicts.get('late')?.resolve('right');
  verdicts.get('wrong')?.resolve('wrong');
  verdicts.get('right')?.resolve('right');
  const told = (await Promise.all(replies)).map(({ status, body }) => [status, body.toString()]);
  expect(told).toEqual([
    [200, 'to /right'],
    [401, '{"error":"unauthorized"}'],
    [200, 'to /late'],
  ]);
});

test('a judge that fails is the end of its request and of no other', async () => {
  const port = await served((password) =>
    password === 'fails' ? Promise.reject(new Error('no verdict')) : Promise.resolve('right'),
  );
  expect((await ask(port, '/', authorizedAs('fails'))).status).toBe(500);
  expect((await ask(port, '/', authorizedAs('fine'))).status).toBe(200);
});

test('who is not judged hears that too many others guess, and it is no failure', async () => {
  const port = await served(() => Promise.resolve('busy'), { authenticationFailures: 1 });
  for (let times = 0; times < 2; times++) {
    expect((await ask(port, '/', authorizedAs('any'))).status).toBe(503);
  }
});

test('a user name alone is no guess, and is asked for the password at once', async () => {
  const never = { accessDelayMs: 3_600_000, delayedRefusals: 1 };
  const port = await served(undefined, never);
  for (let times = 0; times < 3; times++) {
    expect((await ask(port, '/', authorizedAs(''))).status).toBe(401);
  }
  expect((await ask(port, '/', authorizedAs('ärger-straße'))).status).toBe(200);
});

test('the challenge names its charset, and its reply has the headers it was given', async () => {
  const port = await served();
  expect((await ask(port, '/', authorizedAs('ärger-straße'))).body.toString()).toBe('to /');
  for (const asked of [{}, authorizedAs('wrong')]) {
    const { status, headers } = await ask(port, '/', asked);
    expect([status, headers['www-authenticate'], headers['x-policy']]).toEqual([
      401,
      'Basic realm="onionferry", charset="UTF-8"',
      'none',
    ]);
  }
});

test('whoever listens hears of every request with the password, and of each without', async () => {
  const heard: string[] = [];
  const audience = { entered: () => heard.push('entered'), refused: () => heard.push('refused') };
  const limits = { ...DEFAULT_HTTP_LIMITS, accessDelayMs: 1 };
  const access = new Access(CREDENTIALS, limits, undefined, audience);
  const app = express();
  app.use(
    requireBasicAuth({
      access,
      unauthorized: { bodyFor: () => ({}), headers: {} },
      busy: () => Object.assign(new Error('busy'), { status: 503 }),
    }),
  );
  app.use((_request, response) => void response.send('in'));
  const port = await serving(app);
  expect((await ask(port, '/', authorizedAs('wrong'))).status).toBe(401);
  expect((await ask(port, '/', authorizedAs(CREDENTIALS.password))).status).toBe(200);
  // A browser that asks before it knows a password has made no guess.
  expect((await ask(port, '/')).status).toBe(401);
  expect(heard).toEqual(['refused', 'entered']);
});
