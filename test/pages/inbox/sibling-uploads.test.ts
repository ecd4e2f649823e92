import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { type Answer, OnionHttpServer } from '../../../src/onion-http/onion-http-server.js';
import { runningInbox } from './running-inbox.js';
import { created, tus } from './tus-visitor.js';

const ORIGIN = 'http://page.onion';
const SIBLING = 'http://sibling.onion';

test('a sibling takes ranges of an upload for the page’s origin, and nothing else', async () => {
  const { web, inbox } = await runningInbox();
  const answers: Answer[] = [];
  const answerWith = (answer: Answer): void => void answers.push(answer);
  const siblings = { origins: [SIBLING], greeting: '/hello', answerWith, wanted: () => [SIBLING] };
  inbox.useSiblings({ ...siblings, news: Promise.resolve() }, ORIGIN);
  const [answer] = answers;
  if (answer === undefined) throw new Error('the inbox says not what siblings answer');
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-siblings-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const credentials = { user: 'none', password: 'none' };
  const sibling = new OnionHttpServer({ credentials, directory, answer, circuitLine: false });
  await sibling.listen();
  onTestFinished(() => sibling.close());

  const page = await tus(web, { method: 'GET', path: '/' });
  expect(page.headers['content-security-policy']).toContain(`connect-src 'self' ${SIBLING}`);
  const upload = await created(web, 6, { filename: 'a', fingerprint: 'f' });
  const path = upload.replace('/uploads', '');
  const taken = await tus(sibling, { method: 'POST', path: `${path}?at=3`, body: 'def' });
  expect(taken.headers['access-control-allow-origin']).toBe(ORIGIN);
  expect(JSON.parse(taken.text)).toEqual({ end: 6, missing: true });
  const beyond = await tus(sibling, { method: 'POST', path: `${path}?at=4`, body: 'xyz' });
  expect(beyond.status).toBe(413);
  for (const [method, other] of [
    ['GET', path],
    ['HEAD', path],
    ['DELETE', path],
    ['OPTIONS', path],
    ['POST', `/${'0'.repeat(32)}?at=0`],
    ['POST', '/uploads'],
    ['GET', '//'],
  ] as const) {
    const refused = await tus(sibling, { method, path: other });
    expect([method, refused.status, refused.text]).toEqual([method, 404, '']);
  }
});
