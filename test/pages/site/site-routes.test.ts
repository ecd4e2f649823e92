import { execFileSync } from 'node:child_process';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import type { OnionHttpServer } from '../../../src/onion-http/onion-http-server.js';
import { Site } from '../../../src/pages/site/site.js';
import { createSiteRoutes, type SiteRoutesOptions } from '../../../src/pages/site/site-routes.js';
import { en } from '../../../src/pages/words/en.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask, CREDENTIALS, servedRoutes } from '../support/running-web.js';

interface RunningSite {
  readonly directory: string;
  readonly web: OnionHttpServer;
}

/** @param files by their paths; a path with a slash at its end is a folder */
async function runningSite(
  files: Record<string, string>,
  options: Partial<SiteRoutesOptions> = {},
): Promise<RunningSite> {
  const directory = await temporaryDirectory();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(join(directory, path.slice(0, path.lastIndexOf('/') + 1)), { recursive: true });
    if (!path.endsWith('/')) await writeFile(join(directory, path), content);
  }
  return {
    directory,
    web: await servedRoutes(createSiteRoutes({ site: new Site(directory), ...options })),
  };
}

/** A request whose path no program has looked at before it is sent. @returns the whole reply */
async function askRaw({ web }: RunningSite, path: string): Promise<string> {
  const socket = connect(web.httpSocket);
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x.onion\r\nAuthorization: ${formatAuthorization(CREDENTIALS)}\r\nConnection: close\r\n\r\n`,
  );
  return await text(socket);
}

describe('a site', () => {
  test('serves index.html for folders, and files with their types', async () => {
    const { web } = await runningSite({
      'index.html': '<h1>home</h1>',
      'blog/index.html': '<h1>blog</h1>',
      'style.css': 'body {}',
      data: 'bytes',
    });
    const home = await ask(web, '/');
    expect(home).toMatchObject({ status: 200, text: '<h1>home</h1>' });
    expect(home.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(home.headers['content-disposition']).toMatch(/^inline/);
    expect((await ask(web, '/blog/')).text).toBe('<h1>blog</h1>');
    expect((await ask(web, '/blog/index.html')).text).toBe('<h1>blog</h1>');
    expect((await ask(web, '/style.css')).headers['content-type']).toBe('text/css; charset=utf-8');
    expect((await ask(web, '/data')).headers['content-type']).toBe('application/octet-stream');
  });

  test('allows nothing from other sites, and no inline scripts', async () => {
    const { web } = await runningSite({ 'index.html': '' });
    const policy = (await ask(web, '/')).headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).toContain("base-uri 'self'");
    expect(policy).not.toContain('unsafe');
  });

  test('uses the policy that is set, while our own pages keep theirs', async () => {
    const csp = "default-src 'self' 'unsafe-inline'";
    const { web } = await runningSite({ 'page.html': '', 'folder/': '' }, { csp });
    expect((await ask(web, '/page.html')).headers['content-security-policy']).toBe(csp);
    for (const path of ['/folder/', '/nothing']) {
      const { headers } = await ask(web, path);
      expect(headers['content-security-policy']).not.toContain('unsafe');
    }
  });

  test('lists a folder without index.html', async () => {
    const { web } = await runningSite({ 'a & b/<i>.txt': '', 'a & b/c/d.txt': '' });
    const first = await ask(web, '/');
    expect(first.text).toContain('href="./a%20%26%20b/"');
    expect(first.text).not.toContain('onionferry-test');
    const { text, headers } = await ask(web, '/a%20%26%20b/');
    expect(text).toContain('href="./%3Ci%3E.txt"');
    expect(text).toContain('&lt;i');
    expect(text).toContain('href="./c/"');
    expect(text).not.toContain(' download');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect((await ask(web, '/a%20%26%20b/%3Ci%3E.txt')).status).toBe(200);
  });

  test('answers ranges and conditions', async () => {
    const { web } = await runningSite({ 'a.txt': '0123456789' });
    const { headers } = await ask(web, '/a.txt');
    const part = await ask(web, '/a.txt', { headers: { range: 'bytes=2-4' } });
    expect(part).toMatchObject({ status: 206, text: '234' });
    const again = await ask(web, '/a.txt', { headers: { 'if-none-match': headers.etag ?? '' } });
    expect(again).toMatchObject({ status: 304, text: '' });
  });

  test('redirects to a folder without naming a host', async () => {
    const site = await runningSite({ 'a/b/': '', 'http:/': '' });
    for (const [path, location] of [
      ['/a', './a/'],
      ['/a/b?x=1', './b/?x=1'],
      ['/http:', './http:/'],
    ]) {
      const reply = await ask(site.web, path!);
      expect(reply).toMatchObject({ status: 301, text: '' });
      expect(reply.headers.location).toBe(location);
    }
    expect(await askRaw(site, '//a')).toMatch(/^HTTP\/1.1 404/);
  });

  test('answers with an error page if there is no such file', async () => {
    const { web } = await runningSite({ 'index.html': '' });
    const reply = await ask(web, '/missing.html');
    expect(reply.status).toBe(404);
    expect(reply.text).toContain(en.errors['not-found'].title);
    expect((await ask(web, '/index.html/')).status).toBe(404);
    expect((await ask(web, '/', { method: 'POST' })).status).toBe(405);
  });
});

describe('nothing leads out of a site:', () => {
  test.each([
    '/../secret',
    '/folder/../../secret',
    '/%2e%2e/secret',
    '/%2e%2e%2fsecret',
    '/..%2fsecret',
    '/..%5csecret',
    '/folder/..%00/secret',
    '//../secret',
    '/./../secret',
    '/folder/%252e%252e/%252e%252e/secret',
    '/%c0%ae%c0%ae/secret',
    'http://x.onion/../secret',
    '/link/secret',
    '/link',
    '/linked-file',
    '/folder/linked-file',
    '/pipe',
    '/.git/config',
    '/.env',
    '/folder/.env',
  ])('%s', async (path) => {
    const outside = await temporaryDirectory();
    await writeFile(join(outside, 'secret'), 'TREASURE');
    const site = await runningSite({
      ...{ 'folder/a': '', '.env': 'TREASURE', 'folder/.env': 'TREASURE' },
      '.git/config': 'TREASURE',
    });
    await symlink(outside, join(site.directory, 'link'));
    await symlink(join(outside, 'secret'), join(site.directory, 'linked-file'));
    await symlink(join(outside, 'secret'), join(site.directory, 'folder', 'linked-file'));
    execFileSync('mkfifo', [join(site.directory, 'pipe')]);
    const reply = await askRaw(site, path);
    expect(reply).toMatch(/^HTTP\/1.1 404/);
    expect(reply).not.toContain('TREASURE');
  });

  test('lists contain neither symbolic links nor hidden files', async () => {
    const { web, directory } = await runningSite({ 'a.txt': '', '.env': '', '.git/': '' });
    await symlink('/etc/passwd', join(directory, 'passwd'));
    const { text } = await ask(web, '/');
    expect(text).toContain('a.txt');
    expect(text).not.toMatch(/passwd|\.env|\.git/);
  });

  test('the folder .well-known is served', async () => {
    const { web } = await runningSite({ '.well-known/security.txt': 'write to us' });
    expect((await ask(web, '/.well-known/security.txt')).text).toBe('write to us');
  });
});

test('a site cannot be opened without a folder', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'file'), '');
  for (const name of ['nothing', 'file']) {
    expect(() => new Site(join(directory, name))).toThrow(
      expect.objectContaining({ code: 'ERR_SOURCE' }),
    );
  }
});
