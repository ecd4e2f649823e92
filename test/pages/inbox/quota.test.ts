import { expect, test } from 'vitest';
import { DEFAULT_INBOX_LIMITS } from '../../../src/pages/inbox/limits.js';
import { Room } from '../../../src/pages/inbox/quota.js';
import { UploadRefusal } from '../../../src/pages/inbox/upload-refusal.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const MB = 1024 * 1024;

test('who announces more than the disk holds ends no upload that is under way', async () => {
  const room = new Room(await temporaryDirectory(), DEFAULT_INBOX_LIMITS);
  using honest = await room.claim(16 * MB);
  const going = honest.add(16 * MB);
  await expect(room.claim(1e15)).rejects.toThrow(UploadRefusal);
  await going;
});
