import { expect, test } from 'vitest';
import { withPassword } from '../../src/api/options.js';

test('an empty password is refused: it would open pages to anyone with the address', () => {
  expect(() => withPassword('')).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
});
