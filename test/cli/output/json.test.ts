import { expect, test } from 'vitest';
import { tell } from './tell.js';

test('--json escapes what a terminal would obey and JSON leaves as it is', () => {
  // A control sequence in one character (C1), and text from right to left.
  const message = 'a\u009b31m\u202eb';
  const { stdout } = tell([{ event: 'warning', message }], { verb: 'receive' }, { json: true });
  expect(stdout.text).toBe('{"event":"warning","message":"a\\u009b31m\\u202eb"}\n');
});
