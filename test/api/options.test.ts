import { expect, test } from 'vitest';
import { withPassword } from '../../src/api/options.js';

test('there is no empty password: pages would be open to all who know the address', () => {
  expect(() => withPassword('')).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
});
