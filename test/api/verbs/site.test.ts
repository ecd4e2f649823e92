import { expect, test } from 'vitest';
import { withPassword } from '../../../src/api/options.js';
import { withMiddleware, withPolicy, withUser } from '../../../src/api/page-options.js';
import { site } from '../../../src/api/verbs/site.js';
import { answeringTor, files, newAt, online, visit } from './fixture.js';

const CHOSEN = 'a text of mine: nobody guesses it';

test('a site is served under the policy, user name and password that were chosen', async () => {
  const tor = await answeringTor();
  const folder = await files({ 'index.html': 'hello' });
  const own = [withPolicy("default-src 'self'"), withUser('friend'), withPassword(CHOSEN)];
  const { place } = await online(site(folder, ...(await newAt(tor)), ...own));
  expect(place).toMatchObject({ user: 'friend', password: CHOSEN });
  const page = await visit(tor, place, '/');
  expect([page.status, await page.text()]).toEqual([200, 'hello']);
  expect(page.headers.get('content-security-policy')).toBe("default-src 'self'");
  expect((await visit(tor, { ...place, user: 'ferry' }, '/')).status).toBe(401);
});

test('middleware stands in front of a site', async () => {
  const tor = await answeringTor();
  const folder = await files({ 'index.html': 'hello' });
  const middleware = withMiddleware((_, response) => void response.end('instead'));
  const { place } = await online(site(folder, ...(await newAt(tor)), middleware));
  expect(await (await visit(tor, place, '/')).text()).toBe('instead');
});
