import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withExclude } from '../../../src/api/content-options.js';
import { withCurve, withExpiry, withPrivate, withSingleAddress } from '../../../src/api/options.js';
import {
  withDownloadLimit,
  withDrain,
  withMiddleware,
  withUser,
} from '../../../src/api/page-options.js';
import type { Option } from '../../../src/api/settings.js';
import { share } from '../../../src/api/verbs/share.js';
import { readInvitation } from '../../../src/pake/invitation.js';
import { answeringTor, files, newAt, online, visit } from './fixture.js';

test('a share leaves out what it was told to, and answers to the user that was chosen', async () => {
  const tor = await answeringTor();
  const folder = await files({ 'kept.txt': 'kept', 'left.log': 'left' });
  const options = [withExclude('*.log'), withUser('friend'), withCurve('p521')];
  const { place } = await online(share([folder], ...(await newAt(tor)), ...options));
  expect(place.user).toBe('friend');
  expect(readInvitation(place.invitation).curve).toBe('p521');
  const page = await (await visit(tor, place, '/')).text();
  expect(page).toContain('kept.txt');
  expect(page).not.toContain('left.log');
});

test('middleware stands in front of a share, also of a private one', async () => {
  const tor = await answeringTor();
  const instead = withMiddleware((_, response) => void response.end('instead'));
  const options = [...(await newAt(tor)), instead, withPrivate()];
  const { place } = await online(share([await files({ a: 'a' })], ...options));
  expect(await (await visit(tor, place, '/')).text()).toBe('instead');
  expect(place.clientKey).toBeDefined();
});

test('a share that drains has not failed, although nothing was taken', async () => {
  const tor = await answeringTor();
  const drain = withDrain(AbortSignal.abort());
  const { call } = await online(share([await files({ a: 'a' })], ...(await newAt(tor)), drain));
  expect(await call.done).toMatchObject({ files: 0 });
});

test('a share that expires before any download fails at once', async () => {
  const tor = await answeringTor();
  const sharing = share([await files({ a: 'a' })], ...(await newAt(tor)), withExpiry(1));
  const { call, events } = await online(sharing);
  await expect(call.done).rejects.toMatchObject({ code: 'ERR_TIMEOUT' });
  expect(events.filter(({ event }) => event === 'waiting')).toEqual([]);
});

test('a share of which little may be downloaded shows nothing beforehand', async () => {
  const tor = await answeringTor();
  const path = join(await files({ 'a.txt': 'once' }), 'a.txt');
  const pageOf = async (...options: Option<'share'>[]): Promise<string> => {
    const { place } = await online(share([path], ...(await newAt(tor)), ...options));
    return await (await visit(tor, place, '/')).text();
  };
  expect(await pageOf(withDownloadLimit(1))).not.toContain('/view/');
  expect(await pageOf()).toContain('/view/');
});

test('a share offers faster downloads, but not with one address', async () => {
  const tor = await answeringTor();
  const path = join(await files({ a: 'x'.repeat(40_000_000) }), 'a');
  const pageOf = async (...options: Option<'share'>[]): Promise<string> => {
    const { place } = await online(share([path], ...(await newAt(tor)), ...options));
    return await (await visit(tor, place, '/')).text();
  };
  expect(await pageOf()).toContain('Faster download');
  expect(await pageOf(withSingleAddress())).not.toContain('Faster download');
});
