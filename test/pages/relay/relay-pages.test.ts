import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger.js';
import { relayPages } from '../../../src/pages/relay/relay-pages.js';
import { en } from '../../../src/pages/words/en.js';
import { CREDENTIALS, runningRelay } from '../../relay/support/running-relay.js';
import { ask } from '../support/running-web.js';

const pages = { pages: relayPages(silentLogger) };

test('a relay for others shows a page that receives, with a warning about trust', async () => {
  const relay = await runningRelay({}, pages);
  const { status, text, headers } = await ask(relay, '/', { credentials: CREDENTIALS });
  expect(status).toBe(200);
  expect(text).toContain(en.relay.trust);
  expect(text).toContain('receive.js');
  expect(text).toContain('<noscript>');
  expect(headers['content-security-policy']).toMatch(/script-src 'self'/);
  expect(headers['cache-control']).toBe('no-store');
});

test('the page that sends knows the relay’s password, because the invitation contains it', async () => {
  const relay = await runningRelay({}, pages);
  const { text } = await ask(relay, '/send', { credentials: CREDENTIALS });
  expect(text).toContain(`data-relay-password="${CREDENTIALS.password}"`);
  expect(text).toContain(en.relay.trust);
});

test('the scripts of both pages are served, and import nothing else', async () => {
  const relay = await runningRelay({}, pages);
  for (const path of ['/', '/send']) {
    const { text } = await ask(relay, path, { credentials: CREDENTIALS });
    const [, script = ''] = /<script type="module" src="([^"]+)"/.exec(text) ?? [];
    const { status, headers, text: code } = await ask(relay, script, { credentials: CREDENTIALS });
    expect(status).toBe(200);
    expect(headers['content-type']).toMatch(/javascript/);
    expect(code).not.toMatch(/\bimport\s*["'(]/);
  }
});

test('without the password a relay shows only a page that asks for it', async () => {
  const relay = await runningRelay({ accessDelayMs: 1 }, pages);
  for (const path of ['/', '/send', '/.ferry/x/receive.js', '/nothing']) {
    const { status, headers, text } = await ask(relay, path, { credentials: undefined });
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toContain('the password of this relay');
    expect(text).toContain(en.login.title);
    expect(text).toContain(en.login.kinds.relay.hint);
    expect(text).not.toContain('script');
  }
});

test('errors of pages are pages, and errors of the protocol are JSON', async () => {
  const relay = await runningRelay({}, pages);
  const missing = await ask(relay, '/nothing', { credentials: CREDENTIALS });
  expect(missing.status).toBe(404);
  expect(missing.text).toContain(en.errors['not-found'].title);
  const wrong = await ask(relay, '/join', { credentials: CREDENTIALS });
  expect(wrong.status).toBe(405);
  expect(JSON.parse(wrong.text)).toEqual({ error: { code: 'method-not-allowed' } });
});
