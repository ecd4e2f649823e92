import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { withOutput, withOutputStream } from '../../../src/api/receive-options.js';
import { type AnyOption, applyOptions } from '../../../src/api/settings.js';
import { checkOutput } from '../../../src/api/transfers/check-output.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const check = (option: AnyOption): Promise<void> => checkOutput(applyOptions([option]));

test('a folder that is there or can be created will do, and is not created', async () => {
  const there = await temporaryDirectory();
  await check(withOutput(there));
  await check(withOutput(join(there, 'not', 'yet')));
  expect(await readdir(there)).toEqual([]);
});

test.each([
  ['a file', '', 'it is not a folder'],
  ['below a file', 'deeper/still', 'file is not a folder'],
])('%s will not', async (_, below, reason) => {
  const file = join(await temporaryDirectory(), 'file');
  await writeFile(file, '');
  await expect(check(withOutput(join(file, below)))).rejects.toMatchObject({
    code: 'ERR_DESTINATION',
    message: expect.stringContaining(reason) as string,
  });
});

test('nor will a stream that is closed', async () => {
  const stream = new PassThrough();
  await check(withOutputStream(stream));
  stream.destroy();
  await expect(check(withOutputStream(stream))).rejects.toMatchObject({ code: 'ERR_DESTINATION' });
});
