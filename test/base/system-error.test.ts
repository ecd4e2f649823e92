import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { systemCode } from '../../src/base/system-error.js';

test('the code of a failed system call is told, and none of anything else', async () => {
  const error: unknown = await readFile('/does/not/exist').catch((thrown: unknown) => thrown);
  expect(systemCode(error)).toBe('ENOENT');
  expect(systemCode(new Error('without one'))).toBeUndefined();
  expect(systemCode(Object.assign(new Error('odd'), { code: 7 }))).toBeUndefined();
  expect(systemCode('ENOENT')).toBeUndefined();
});
