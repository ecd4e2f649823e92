import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import {
  type Handle,
  inbox,
  type Option,
  relay,
  send,
  serve,
  share,
  site,
  suspended,
  withPassword,
  withSignal,
  withWeakPassword,
} from '../../src/index.js';

type Given = Option<'send' | 'share' | 'inbox' | 'site' | 'serve' | 'relay'>;
type Verb = (...options: Given[]) => Handle<unknown>;

const VERBS: Record<string, Verb> = {
  send: (...options) => send({ text: 'a' }, ...options),
  'send of a stream': (...options) => send({ stream: new PassThrough(), name: 'a' }, ...options),
  share: (...options) => share(['a'], ...options),
  inbox: (...options) => inbox('a', ...options),
  site: (...options) => site('a', ...options),
  serve: (...options) => serve(() => undefined, ...options),
  relay: (...options) => relay(...options),
};

test.each(Object.entries(VERBS))('%s takes no password that others guess soon', (_, verb) => {
  expect(() => verb(withPassword('1-1-1-1-1'))).toThrow(
    expect.objectContaining({ code: 'ERR_PASSWORD_WEAK', kind: 'usage' }) as Error,
  );
});

test.each(Object.entries(VERBS))('%s takes it if somebody insists', async (_, verb) => {
  const over = AbortSignal.abort(suspended());
  const options = [withPassword('1-1-1-1-1'), withWeakPassword(), withSignal(over)];
  await Promise.allSettled([verb(...options).done]);
});

test.each(['send', 'share'])('the words of %s that are guessed for themselves count', (name) => {
  const password = withPassword('correct-battery-staple-staple-staple');
  expect(() => VERBS[name]!(password)).toThrow(/after the second/);
  expect(() => VERBS[name]!(withPassword('1-1-correct-battery-staple'))).toThrow(/begins with/);
});
