import { expect, test } from 'vitest';
import { Passes } from '../../../src/web/server/passes.js';
import { ask, runningWeb } from '../support/running-web.js';

const NOBODY = { door: undefined };

test('an address with a pass needs no key, to read and for nothing else', async () => {
  const passes = new Passes();
  const web = await runningWeb(
    (routes) => {
      routes.all(['/a', '/b'], (_request, response) => void response.send('secret'));
    },
    { passes, limits: { doorDelayMs: 1 } },
  );
  const address = passes.sign('/a');
  expect((await ask(web, address, NOBODY)).text).toBe('secret');
  expect((await ask(web, `${address}&page=2`, NOBODY)).text).toBe('secret');
  expect((await ask(web, address, { ...NOBODY, method: 'HEAD' })).status).toBe(200);
  for (const elsewhere of [
    address.replace('/a', '/b'),
    address.replace('/a', '/'),
    address.replace('/a', '/%61'),
    address.replace('/a', '//a'),
    address.slice(0, -1),
    `${address}x`,
    '/a?pass=',
    '/a?pass',
    new Passes().sign('/a'),
  ]) {
    expect((await ask(web, elsewhere, NOBODY)).status).toBe(401);
  }
  expect((await ask(web, address, { ...NOBODY, method: 'POST' })).status).toBe(401);
});
