import { expect, test } from 'vitest';
import { DEFAULT_INBOX_LIMITS } from '../../../src/pages/inbox/limits.js';
import { Quota } from '../../../src/pages/inbox/quota.js';
import { UploadRefusal } from '../../../src/pages/inbox/upload-refusal.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const MB = 1024 * 1024;

test('an upload that announces more than the disk holds does not end another that is running', async () => {
  const quota = new Quota(await temporaryDirectory(), DEFAULT_INBOX_LIMITS);
  using honest = await quota.claim(16 * MB);
  const going = honest.add(16 * MB);
  await expect(quota.claim(1e15)).rejects.toThrow(UploadRefusal);
  await going;
});
