import { expect, test } from 'vitest';
import { Receipts } from '../../../src/pages/inbox/receipts.js';
import { en } from '../../../src/pages/words/en.js';
import { ask } from '../support/running-web.js';
import { file, form, postOnce, runningInbox, upload } from './running-inbox.js';

const { title } = en.inbox.received;

test('an upload leads to a receipt that can be reloaded, and no reload sends it again', async () => {
  const { web, received } = await runningInbox();
  const { status, headers } = await postOnce(web, form(file('a.txt', 'first')));
  expect(status).toBe(303);
  const { location = '' } = headers;
  expect(location).toMatch(/^\/receipts\/[0-9a-f]{32}$/);
  for (let i = 0; i < 2; i++) {
    const page = await ask(web, location);
    expect([page.status, page.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(page.text).toContain(title);
    expect(page.text).toContain('a.txt');
    expect(page.text).toContain(en.inbox.received.receipt(location.slice('/receipts/'.length)));
  }
  expect(received).toHaveLength(1);
});

test('a receipt is for whoever knows its address and the password', async () => {
  const running = await runningInbox();
  const { web } = running;
  await upload(running, file('a.txt'));
  const { headers } = await postOnce(web, form(file('b.txt')));
  const { location = '' } = headers;
  expect((await ask(web, location, { credentials: undefined })).status).toBe(401);
  for (const other of ['', '/', '/0', `/${'0'.repeat(32)}`, '/__proto__', '/constructor']) {
    expect((await ask(web, `/receipts${other}`)).status).toBe(404);
  }
});

test('a receipt lists a thousand files, and counts all', () => {
  const receipts = new Receipts();
  const files = Array.from({ length: 1500 }, (_, at) => ({
    ...{ path: String(at), bytes: 2, sha256: '' },
  }));
  receipts.add('x', files);
  const receipt = receipts.find('x');
  expect(receipt).toMatchObject({ files: 1500, bytes: 3000 });
  expect(receipt?.listed).toEqual(files.slice(0, 1000));
});

test('the oldest receipts give way, whether they list many files or none', () => {
  const receipts = new Receipts();
  const file = { path: 'a', bytes: 1, sha256: '' };
  receipts.add('first', []);
  const large = Array.from({ length: 20 }, (_, at) => `large ${at}`);
  for (const id of large) receipts.add(id, Array(1000).fill(file));
  expect(receipts.find('first')).toBeUndefined();
  expect(large.filter((id) => receipts.find(id) !== undefined)).toEqual(large.slice(1));
  for (let i = 0; i < 20_000; i++) receipts.add(String(i), []);
  expect(receipts.find(large.at(-1) ?? '')).toBeUndefined();
});
