import { readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { ask } from '../support/running-web.js';
import { file, form, type Part, post, type RunningInbox, runningInbox } from './running-inbox.js';

async function statusOf(
  { web }: RunningInbox,
  from: Record<string, string>,
  ...parts: readonly Part[]
): Promise<number> {
  const { headers, body } = form(...parts);
  return (await post(web, { headers: { ...headers, ...from }, body })).status;
}

async function tokenOf({ web }: RunningInbox): Promise<Part> {
  const { text } = await ask(web, '/');
  return { field: 'token', value: /name="token" value="([0-9a-f]{32})"/.exec(text)?.[1] ?? '' };
}

test.each([
  ['a page of this address, as Firefox says', { 'sec-fetch-site': 'same-origin', origin: 'null' }],
  ['a page of this address, by its origin', { host: 'a.onion', origin: 'http://a.onion' }],
  ['no browser', {}],
])('an upload is accepted from %s', async (_, from) => {
  const running = await runningInbox();
  expect(await statusOf(running, from, file('a'))).toBe(200);
});

test.each([
  ['another site', { 'sec-fetch-site': 'cross-site', origin: 'null' }],
  ['a page beside it', { 'sec-fetch-site': 'same-site' }],
  ['no page at all', { 'sec-fetch-site': 'none' }],
  ['another origin', { host: 'a.onion', origin: 'http://b.onion' }],
  ['another scheme', { host: 'a.onion', origin: 'https://a.onion' }],
  ['nobody knows where', { host: 'a.onion', origin: 'null' }],
])('an upload is refused from %s, and nothing is written', async (_, from) => {
  const running = await runningInbox();
  expect(await statusOf(running, from, file('a'), { field: 'note', value: 'x' })).toBe(403);
  expect(await readdir(running.directory)).toEqual([]);
});

test('the token of our own form identifies a page that does not tell its origin', async () => {
  const running = await runningInbox();
  const token = await tokenOf(running);
  const from = { host: 'a.onion', origin: 'null' };
  expect(await statusOf(running, from, token, file('a'))).toBe(200);
  expect(await statusOf(running, from, { field: 'token', value: 'guess' }, file('a'))).toBe(403);
  const foreign = { 'sec-fetch-site': 'cross-site' };
  expect(await statusOf(running, foreign, token, file('a'))).toBe(403);
  expect(await statusOf(running, from, file('late'), token)).toBe(403);
  expect(await readdir(running.directory)).toEqual(['a']);
});

test('another inbox has another token', async () => {
  const [first, second] = [await runningInbox(), await runningInbox()];
  expect(await tokenOf(first)).not.toEqual(await tokenOf(second));
});
