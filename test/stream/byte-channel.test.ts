import { expect, test } from 'vitest';
import { isPassing } from '../../src/base/errors.js';
import { connectionBroke } from '../../src/stream/byte-channel.js';

test('a connection that broke is no end: the two sides may meet again, and why it broke is kept', () => {
  const why = new Error('ECONNRESET');
  const broke = connectionBroke(why);
  expect(broke).toMatchObject({ code: 'ERR_PEER_GONE', cause: why });
  expect(isPassing(broke)).toBe(true);
});
