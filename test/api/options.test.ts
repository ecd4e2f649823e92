import { join } from 'node:path';
import { expect, test } from 'vitest';
import { withUploadCheck } from '../../src/api/inbox-options.js';
import { withPassword } from '../../src/api/options.js';
import { applyOptions } from '../../src/api/settings.js';

test('an empty password is refused: it would open pages to anyone with the address', () => {
  expect(() => withPassword('')).toThrow(expect.objectContaining({ code: 'ERR_USAGE' }));
});

test('a program that looks at uploads is found from the current folder, though it runs elsewhere', () => {
  const commandOf = (program: string): unknown =>
    applyOptions([withUploadCheck({ command: [program, './list'] })]).uploadCheck?.command;
  expect(commandOf('./scan')).toEqual([join(process.cwd(), 'scan'), './list']);
  expect(commandOf('/bin/scan')).toEqual(['/bin/scan', './list']);
  expect(commandOf('scan')).toEqual(['scan', './list']);
});
