import { expect, onTestFinished, test } from 'vitest';
import { DEFAULT_INBOX_LIMITS, type InboxLimits } from '../../../src/pages/inbox/limits.js';
import { Quota } from '../../../src/pages/inbox/quota.js';
import type { UnfinishedUpload } from '../../../src/pages/inbox/unfinished-upload.js';
import { UnfinishedUploads } from '../../../src/pages/inbox/unfinished-uploads.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

interface Running {
  readonly uploads: UnfinishedUploads;
  readonly begin: (circuit?: number) => Promise<UnfinishedUpload>;
}

async function running(changed: Partial<InboxLimits>): Promise<Running> {
  const directory = await temporaryDirectory();
  const limits = { ...DEFAULT_INBOX_LIMITS, ...changed };
  const quota = new Quota(directory, limits);
  const uploads = await UnfinishedUploads.open({ hides: false, directory, limits, quota });
  onTestFinished(() => uploads.close());
  const begin = (circuit?: number): Promise<UnfinishedUpload> =>
    uploads.begin({
      ...{ length: 10, metadata: 'filename YQ==', isPartial: false },
      ...{ fingerprint: undefined, circuit },
    });
  return { uploads, begin };
}

test('somebody who holds most of them gives up the one that was not touched for longest', async () => {
  const { uploads, begin } = await running({ unfinishedUploads: 4 });
  const held = [await begin(1), await begin(1), await begin(1)];
  const other = await begin(2);
  const newcomer = await begin(3);
  const isThere = ({ id }: UnfinishedUpload): boolean => uploads.find(id) !== undefined;
  expect(held.map(isThere)).toEqual([false, true, true]);
  expect([other, newcomer].map(isThere)).toEqual([true, true]);
  // With two each there is nobody who holds much more.
  await expect(begin(2)).rejects.toThrow('busy');
});

test('where all hold little, only what nobody has touched for long makes room', async () => {
  const { begin } = await running({ unfinishedUploads: 2, unfinishedIdleMs: 3_600_000 });
  await begin(1);
  await begin(2);
  await expect(begin(3)).rejects.toThrow('busy');
  const idle = await running({ unfinishedUploads: 2, unfinishedIdleMs: 0 });
  await idle.begin(1);
  await idle.begin(2);
  await idle.begin(3);
});
