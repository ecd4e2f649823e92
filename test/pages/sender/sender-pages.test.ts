import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Router } from 'express';
import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger.js';
import { sharedTree } from '../../../src/disk/tree/shared-tree.js';
import { SignedLinks } from '../../../src/onion-http/basic-auth.js';
import type { WholeDownload } from '../../../src/pages/listing/represented.js';
import { contentRoutes } from '../../../src/pages/sender/content-routes.js';
import { senderPages } from '../../../src/pages/sender/sender-pages.js';
import { streamRoutes, textRoutes } from '../../../src/pages/sender/text-and-stream.js';
import { Downloads } from '../../../src/pages/share/downloads.js';
import { createShareRoutes } from '../../../src/pages/share/share-routes.js';
import { en } from '../../../src/pages/words/en.js';
import { parsePassword } from '../../../src/pake/password.js';
import type { RelayServer } from '../../../src/relay/server/start-relay.js';
import { createGuessLimit } from '../../../src/session/meeting/guess-limit.js';
import { runningRelay } from '../../relay/support/running-relay.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { ask, type WebReply } from '../support/running-web.js';

const PASSWORD = parsePassword('front-door-three-good-words');
const SECRET_NAME = 'what-nobody-may-see.txt';
const NEVER_MS = 3_600_000;

function as(password: string): { credentials: { user: string; password: string } } {
  return { credentials: { user: 'ferry', password } };
}

const WHOLE = as('front-door-three-good-words');
const ACCESS = as('front-door');
const WRONG = as('front-door-three-bad-words');

async function sender(
  routes?: Router,
  guesses = createGuessLimit({ intervalMs: NEVER_MS }),
  accessDelayMs = 1,
): Promise<RelayServer> {
  const path = join(await temporaryDirectory(), SECRET_NAME);
  await writeFile(path, 'content');
  const signedLinks = new SignedLinks();
  const shared = routes ?? createShareRoutes({ tree: sharedTree([path]), signedLinks });
  const pages = senderPages({
    ...{ password: PASSWORD, guesses, signedLinks },
    routes: shared,
    logger: silentLogger,
  });
  const limits = { accessDelayMs };
  return await runningRelay(limits, {
    credentials: { user: 'ferry', password: PASSWORD.access },
    remoteSenders: false,
    pages,
  });
}

async function fetched(relay: RelayServer, path: string, who = WHOLE): Promise<WebReply> {
  return await ask(relay, path, who);
}

test('the full password gives access to the list and the plain download', async () => {
  const relay = await sender();
  expect((await fetched(relay, '/')).text).toContain(SECRET_NAME);
  expect((await fetched(relay, `/files/${SECRET_NAME}`)).text).toBe('content');
});

test('a download is resumed by its signed link, without a password', async () => {
  const relay = await sender();
  const { text } = await fetched(relay, '/');
  const address = new RegExp(`href="(/files/${SECRET_NAME}[^"]*)"`).exec(text)?.[1] ?? '';
  expect((await ask(relay, address, undefined)).text).toBe('content');
  expect((await ask(relay, `/files/${SECRET_NAME}`, undefined)).status).toBe(401);
});

test('the full password may be typed with spaces, capitals and other dashes', async () => {
  const relay = await sender();
  expect((await fetched(relay, '/', as(' Front Door three–good words'))).text).toContain(
    SECRET_NAME,
  );
});

test('the access words alone give access to a page that receives, and to nothing that names a file', async () => {
  const relay = await sender();
  const first = await fetched(relay, '/', ACCESS);
  expect(first.status).toBe(200);
  expect(first.text).toContain('receive.js');
  expect(first.text).not.toContain(SECRET_NAME);
  for (const path of [`/files/${SECRET_NAME}`, '/files/', '/everything.zip', '/zip/x.zip']) {
    const { status, text } = await fetched(relay, path, ACCESS);
    expect(status).toBe(404);
    expect(text).not.toContain(SECRET_NAME);
  }
});

test('the question for a password, and the page behind it, say what to type', async () => {
  const { headers, text } = await ask(await sender(), '/', { credentials: undefined });
  const [, realm = ''] =
    /^Basic realm="([^"\\]+)", charset="UTF-8"$/.exec(headers['www-authenticate'] ?? '') ?? [];
  expect(realm).toContain('Enter ferry as the user name');
  expect(realm).toContain('after # in the invitation');
  // Firefox cuts it there.
  expect(realm.length).toBeLessThanOrEqual(150);
  expect(text).toContain('<dd>ferry</dd>');
  expect(text).toContain(en.login.kinds.transfer.password);
});

test('wrong words are refused like wrong access words', async () => {
  const relay = await sender();
  for (const who of [WRONG, as('other-door-three-good-words'), as('x'), as('')]) {
    const { status, text } = await fetched(relay, '/', who);
    expect(status).toBe(401);
    expect(text).toContain(en.login.title);
  }
});

test('pages and channel share one limit of guesses', async () => {
  const guesses = createGuessLimit({ burst: 3, intervalMs: NEVER_MS });
  const relay = await sender(undefined, guesses);
  for (let i = 0; i < 3; i++) expect((await fetched(relay, '/', WRONG)).status).toBe(401);
  expect(guesses.tryTake()).toBe(false);
});

test('a visitor without the access words uses up no guess', async () => {
  const guesses = createGuessLimit({ burst: 1, intervalMs: NEVER_MS });
  const relay = await sender(undefined, guesses);
  await fetched(relay, '/', as('other-door-three-good-words'));
  await fetched(relay, '/', as('front-x'));
  await fetched(relay, '/', ACCESS);
  expect((await fetched(relay, '/')).status).toBe(200);
});

test('the right words use up no guess in any number of requests', async () => {
  const guesses = createGuessLimit({ burst: 1, intervalMs: NEVER_MS });
  const relay = await sender(undefined, guesses);
  for (let i = 0; i < 5; i++) expect((await fetched(relay, '/')).status).toBe(200);
  expect(guesses.tryTake()).toBe(true);
});

test('a connection is kept open, unless the client asks to close it', async () => {
  const relay = await sender();
  for (const who of [WHOLE, ACCESS]) {
    const wanted = async (connection: string): Promise<string | undefined> =>
      (await ask(relay, '/', { ...who, headers: { connection } })).headers.connection;
    expect([await wanted('keep-alive'), await wanted('close')]).toEqual(['keep-alive', 'close']);
  }
});

test('the full password also gives access to the page that receives', async () => {
  const { status, text } = await fetched(await sender(), '/receive');
  expect(status).toBe(200);
  expect(text).toContain('data-relay="own"');
  expect(text).not.toContain(en.relay.trust);
});

test('a text is shown as text, even if it contains markup', async () => {
  const note = '</textarea><script>alert(1)</script> größer';
  const { served, downloads } = textDownloads();
  const relay = await sender(textRoutes(note, downloads));
  expect((await fetched(relay, '/', ACCESS)).text).not.toContain('größer');
  const { text } = await fetched(relay, '/');
  expect(text).toContain('größer');
  expect(text).not.toContain('<script>alert');
  expect((await fetched(relay, '/text.txt')).text).toBe(note);
  await expect.poll(() => served).toEqual([Buffer.byteLength(note), Buffer.byteLength(note)]);
});

test('a HEAD request does not count as serving a text', async () => {
  const { served, downloads } = textDownloads();
  const relay = await sender(textRoutes('text', downloads));
  for (const path of ['/', '/text.txt']) {
    expect((await ask(relay, path, { ...WHOLE, method: 'HEAD' })).status).toBe(200);
    const headers = { 'if-none-match': '*' };
    expect((await ask(relay, path, { ...WHOLE, headers })).text).toBe('');
  }
  expect((await fetched(relay, '/text.txt')).text).toBe('text');
  await expect.poll(() => served).toHaveLength(1);
});

test('content from memory has a page and a download, which counts', async () => {
  const { served, downloads } = textDownloads();
  const content = new Blob(['0123456789']);
  const signedLinks = new SignedLinks();
  const routes = contentRoutes({
    ...{ content, name: 'a report.pdf', downloads, signedLinks, logger: silentLogger },
  });
  const relay = await sender(routes);
  expect((await fetched(relay, '/')).text).toContain('href="/files/a%20report.pdf');
  const headers = { range: 'bytes=2-4' };
  const part = await ask(relay, '/files/a%20report.pdf', { ...WHOLE, headers });
  expect([part.status, part.text]).toEqual([206, '234']);
  expect((await fetched(relay, '/files/a%20report.pdf')).text).toBe('0123456789');
  expect((await fetched(relay, '/files/another.pdf')).status).toBe(404);
  await expect.poll(() => served).toEqual([10]);
});

/** What was sent counts as soon as the visitor is silent. */
function textDownloads(): { served: number[]; downloads: Downloads } {
  const served: number[] = [];
  const onDownload = ({ bytes }: WholeDownload): void => void served.push(bytes);
  return {
    served,
    downloads: new Downloads({ onDownload, times: { closedMs: 0, silentMs: 0 } }),
  };
}

test('a stream is announced as one that can be sent only once, with a link to receive it', async () => {
  const relay = await sender(streamRoutes());
  const { text } = await fetched(relay, '/');
  expect(text).toContain(en.relay.stream.lead);
  expect(text).toContain('href="/receive"');
});

test.each([
  ['the access words', as('front-door-three-bad-words')],
  ['no words of it', as('back-door-three-good-words')],
])('a wrong password that has %s is refused after the delay, and the right one at once', async (_, who) => {
  const relay = await sender(undefined, undefined, NEVER_MS);
  const refused = fetched(relay, '/', who).then(
    ({ status }) => status,
    () => 'closed',
  );
  expect((await fetched(relay, '/')).status).toBe(200);
  await relay.close();
  expect(await refused).toBe('closed');
});
