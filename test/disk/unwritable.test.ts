import { expect, test } from 'vitest';
import { OnionferryError } from '../../src/base/errors.js';
import { unwritable } from '../../src/disk/unwritable.js';

const failure = (code: string): Error => Object.assign(new Error('as the system'), { code });

test.each(['ENOSPC', 'EDQUOT'])('a full disk has a code of its own (%s)', (code) => {
  const cause = failure(code);
  expect(unwritable('/out', cause)).toMatchObject({
    code: 'ERR_DISK_FULL',
    message: 'cannot write /out: the disk is full',
    cause,
  });
});

test('any other failure names the path and the reason, or the code', () => {
  expect(unwritable('/out', failure('EROFS'))).toMatchObject({
    code: 'ERR_DESTINATION',
    message: 'cannot write /out: the file system is read-only',
  });
  expect(unwritable('/out', failure('EIO')).message).toBe('cannot write /out: the system says EIO');
});

test('what is explained already stays as it is', () => {
  const error = new OnionferryError('ERR_CONFLICT', 'the name is taken');
  expect(unwritable('/out', error)).toBe(error);
});
