import { expect, test } from 'vitest';
import type { FerryEvent } from '../../../src/api/events.js';
import { tell } from './tell.js';

test('what can be pressed is said on a terminal, and not in a log', () => {
  const ends: FerryEvent = { event: 'waiting', reason: 'it is over', isDone: true };
  const visited: FerryEvent = { event: 'visit', visitors: 1 };
  const told = (err: boolean): string =>
    tell([visited, ends], { verb: 'share' }, { err }).stderr.text;
  expect(told(true)).toMatch(/waiting for visitors; press Ctrl-C to stop/);
  expect(told(true)).toMatch(/it is over; press Ctrl-C to end now/);
  expect(told(false)).toMatch(/\nwaiting for visitors\nit is over\n$/);
});
