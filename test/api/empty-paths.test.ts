import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { withDataDir, withTor } from '../../src/api/options.js';
import { withOutput } from '../../src/api/receive-options.js';
import { inbox } from '../../src/api/verbs/inbox.js';
import { send } from '../../src/api/verbs/send.js';
import { share } from '../../src/api/verbs/share.js';
import { site } from '../../src/api/verbs/site.js';

test.each<[string, () => unknown]>([
  ['send', () => send([''])],
  ['send of several paths', () => send(['a', ''])],
  ['send of a stream', () => send({ stream: Readable.from([]), name: '' })],
  ['share', () => share([''])],
  ['share of several paths', () => share(['a', ''])],
  ['site', () => site('')],
  ['inbox', () => inbox('')],
  ['withOutput', () => withOutput('')],
  ['withDataDir', () => withDataDir('')],
  ['withTor', () => withTor({ program: '' })],
])('%s takes no empty path for the current folder', (_, call) => {
  expect(call).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
});
