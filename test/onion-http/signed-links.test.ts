import { expect, test } from 'vitest';
import { SignedLinks } from '../../src/onion-http/basic-auth.js';
import { ask, runningWeb } from '../pages/support/running-web.js';

const NOBODY = { credentials: undefined };

test('a signed link needs no password, for reading and for nothing else', async () => {
  const signedLinks = new SignedLinks();
  const web = await runningWeb(
    (routes) => {
      routes.all(['/a', '/b'], (_request, response) => void response.send('secret'));
    },
    { signedLinks, limits: { accessDelayMs: 1 } },
  );
  const address = signedLinks.sign('/a');
  expect((await ask(web, address, NOBODY)).text).toBe('secret');
  const kept = await ask(web, address, { ...NOBODY, headers: { connection: 'keep-alive' } });
  expect(kept.headers.connection).toBe('keep-alive');
  expect((await ask(web, `${address}&page=2`, NOBODY)).text).toBe('secret');
  expect((await ask(web, address, { ...NOBODY, method: 'HEAD' })).status).toBe(200);
  for (const elsewhere of [
    address.replace('/a', '/b'),
    address.replace('/a', '/'),
    address.replace('/a', '/%61'),
    address.replace('/a', '//a'),
    address.slice(0, -1),
    `${address}x`,
    '/a?signature=',
    '/a?signature',
    new SignedLinks().sign('/a'),
  ]) {
    expect((await ask(web, elsewhere, NOBODY)).status).toBe(401);
  }
  expect((await ask(web, address, { ...NOBODY, method: 'POST' })).status).toBe(401);
});
