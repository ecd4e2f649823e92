import { existsSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { removeIfGivenUp } from '../../../src/api/transfers/receive-files.js';
import { OnionferryError } from '../../../src/base/errors.js';
import { silentLogger } from '../../../src/base/logger.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import type { FolderDestination } from '../../../src/transfer/destination/folder-destination.js';
import { openRecords } from '../../../src/transfer/record/records.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { filesOf } from '../../transfer/destination/resumable.js';

/** Of a transfer that can be resumed, with all its content. */
async function written(): Promise<FolderDestination> {
  const manifest = filesOf([10, 20]);
  const records = await openRecords(await temporaryDirectory(), silentLogger);
  const reserved = await records.reserve({ manifest, identities: new Map() });
  onTestFinished(() => reserved[Symbol.asyncDispose]());
  const destination = await openDestination({
    ...{ directory: await temporaryDirectory(), manifest, conflict: 'fail' },
    resume: { journal: reserved.journal, key: new Uint8Array(32) },
  });
  await destination.write(0, new Uint8Array(30));
  return destination;
}

/** What a process would do that ends at a second Ctrl-C, after the first one. */
function endAtOnce(destination: FolderDestination): void {
  const ending = new AbortController();
  using _ = removeIfGivenUp(destination.staging, ending.signal, destination);
  ending.abort(new OnionferryError('ERR_INTERRUPTED', 'interrupted'));
  for (const removing of process.listeners('exit')) {
    // Other tests of this process may have left theirs, but only with paths that nobody needs.
    if (removing.name !== 'removeAll') continue;
    process.off('exit', removing);
    removing(130);
  }
}

test('whoever gives up twice has nothing left of what was being received', async () => {
  const destination = await written();
  endAtOnce(destination);
  expect(existsSync(destination.staging)).toBe(false);
  await destination.suspend();
});

test('files that are getting their final names are left to that, however often one gives up', async () => {
  const destination = await written();
  let isThere: boolean | undefined;
  const finished = destination.finish(30);
  // Each turn of the event loop, since it takes only some milliseconds.
  while (isThere === undefined) {
    await new Promise(setImmediate);
    if (!destination.isCommitting) continue;
    const wasThere = existsSync(destination.staging);
    endAtOnce(destination);
    isThere = wasThere && existsSync(destination.staging);
  }
  expect((await finished).files).toHaveLength(2);
  expect(isThere).toBe(true);
});
