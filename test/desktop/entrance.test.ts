import { expect, test } from 'vitest';
import { assets } from '../../src/pages/design/assets.js';
import { RunningDesktop } from './support/running-desktop.js';

test('the address is on loopback, and its secret is where no request has it', async () => {
  const { desktop, origin, token } = await RunningDesktop.start();
  expect(desktop.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#[\w-]{43}$/);
  expect(origin).not.toContain(token);
});

test('a token opens the page once', async () => {
  const running = await RunningDesktop.start();
  const first = await running.enter(running.token);
  expect(first.status).toBe(200);
  expect(first.headers['set-cookie']).toEqual([
    expect.stringMatching(
      /^ferry=[\w-]{43}; Path=\/[\w-]{43}\/; HttpOnly; SameSite=Strict$/,
    ) as unknown,
  ]);
  const again = await running.enter(running.token);
  expect(again.status).toBe(403);
  expect(again.headers['set-cookie']).toBeUndefined();
});

test('a wrong token opens nothing, and does not use up the right one', async () => {
  const running = await RunningDesktop.start();
  for (const wrong of ['', 'A'.repeat(43), running.token.toLowerCase().slice(1)]) {
    const { status, headers } = await running.enter(wrong);
    expect(status).toBe(403);
    expect(headers['set-cookie']).toBeUndefined();
  }
  expect((await running.enter(running.token)).status).toBe(200);
});

test('the page is there with the cookie, and without it says nothing of what runs', async () => {
  const running = await RunningDesktop.entered();
  const page = await running.inside('', { headers: { accept: 'text/html' } });
  expect(page.status).toBe(200);
  expect(page.text).toContain('data-state=');
  expect(page.headers['content-security-policy']).toMatch(/^default-src 'none';(?!.*unsafe-)/);
  expect(page.headers['cache-control']).toBe('no-store');
  for (const path of ['', 'events', 'folder?path=', 'nothing']) {
    for (const cookie of [undefined, 'ferry=', 'ferry=AAAA', `other=${running.cookie.slice(6)}`]) {
      const { status, text } = await running.inside(path, { headers: { cookie } });
      expect(status).toBe(403);
      expect(text).not.toContain('tasks');
    }
  }
});

test('nothing is at another path, with the cookie or without', async () => {
  const running = await RunningDesktop.entered();
  for (const path of ['/events', '/folder?path=', '/AAAA/', `/${'A'.repeat(43)}/events`]) {
    const { status } = await running.ask(path, { headers: { cookie: running.cookie } });
    expect(status).toBe(404);
  }
});

test.each([
  'localhost',
  'evil.example',
  '127.0.0.1.evil.example',
  '127.0.0.2',
  '[::1]',
])('a request for the host %s is refused, whatever it is for', async (name) => {
  const running = await RunningDesktop.entered();
  const { port } = new URL(running.origin);
  const [style = ''] = [...assets().values()].map(({ path }) => path);
  for (const host of [`${name}:${port}`, name]) {
    for (const path of ['/', style, running.path]) {
      const { status } = await running.ask(path, { headers: { host, cookie: running.cookie } });
      expect(status).toBe(403);
    }
    const entering = { host, origin: `http://${host}` };
    expect((await running.post('/enter', {}, { headers: entering })).status).toBe(403);
  }
});

test.each([
  'http://evil.example',
  'null',
  'http://127.0.0.1:1',
  'http://localhost',
  'https://127.0.0.1',
])('a request of a page from %s is refused, also with the cookie', async (origin) => {
  const running = await RunningDesktop.entered();
  const reading = await running.inside('folder?path=', { headers: { origin } });
  expect(reading.status).toBe(403);
  const writing = await running.inside('connect', { json: {}, headers: { origin } });
  expect(writing.status).toBe(403);
  const fresh = await RunningDesktop.start();
  expect((await fresh.enter(fresh.token, { origin })).status).toBe(403);
  expect((await fresh.enter(fresh.token)).status).toBe(200);
});

test('what changes something has to say where it comes from', async () => {
  const running = await RunningDesktop.entered();
  const headers = { origin: undefined };
  expect((await running.inside('connect', { json: {}, headers })).status).toBe(403);
  expect((await running.inside('connect', { json: {} })).status).toBe(200);
});

test.each([
  'cross-site',
  'same-site',
])('a request that a browser calls %s is refused: other ports share a site', async (site) => {
  const running = await RunningDesktop.entered();
  const headers = { 'sec-fetch-site': site };
  expect((await running.inside('', { headers })).status).toBe(403);
  expect((await running.inside('folder?path=', { headers })).status).toBe(403);
});
