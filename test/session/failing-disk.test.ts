import { randomBytes } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isResumable } from '../../src/base/errors.js';
import { receiveTransfer } from '../../src/session/receiving/receive-transfer.js';
import { sendTransfer } from '../../src/session/sending/send-transfer.js';
import { deriveJournalKey } from '../../src/stream/journal.js';
import type { Manifest } from '../../src/stream/manifest.js';
import { openDestination } from '../../src/transfer/destination/destination.js';
import { nodePrimitives } from '../../src/transfer/node-primitives.js';
import { fileSource } from '../../src/transfer/source/file-source.js';
import { hookFileCalls, systemError, watchFileCalls } from '../support/file-calls.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { Link } from './support/link.js';

const SIZE = 6 * 1024 * 1024;

describe('a recipient whose disk fails in the middle', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  test.each([
    [
      'ENOSPC',
      'ERR_DISK_FULL',
      /free \d+(\.\d+)? (k|M)B, then run receive again/,
      /disk on the recipient’s side is full/,
    ],
    [
      'EDQUOT',
      'ERR_DISK_FULL',
      /free \d+(\.\d+)? (k|M)B, then run receive again/,
      /disk on the recipient’s side is full/,
    ],
    ['EIO', 'ERR_DESTINATION', /EIO.*kept.*run receive again/s, /cannot write to its disk/],
    ['EROFS', 'ERR_DESTINATION', /read-only.*kept.*run receive again/s, /cannot write to its disk/],
  ])('leaves with what to do (%s), the sender waits, and the next process needs only the rest', async (system, code, says, sender) => {
    const [from, to] = [await temporaryDirectory(), await temporaryDirectory()];
    const content = randomBytes(SIZE);
    await writeFile(join(from, 'file'), content);
    const journal = join(await temporaryDirectory(), 'journal');
    const key = deriveJournalKey(randomBytes(32));
    const link = new Link();
    await using source = await fileSource([join(from, 'file')]);
    const away: (string | undefined)[] = [];
    const sending = sendTransfer({
      ...link.first('sender'),
      source,
      onAway: (why) => away.push(why?.message),
    });
    let taken: { manifest: Manifest; digest: string; staging: string } | undefined;
    let writes = 0;
    const failure: unknown = await hookFileCalls(
      [to],
      (call) => {
        if (call.name === 'handle.write' && ++writes > 40) throw systemError(system, call);
      },
      () =>
        receiveTransfer({
          ...link.first('recipient'),
          accept: async (manifest, digest) => {
            const resume = { journal, key };
            const options = { directory: to, manifest, conflict: 'rename', resume } as const;
            const opened = await openDestination(options);
            taken = { manifest, digest, staging: opened.staging };
            return opened;
          },
        }).catch((error: unknown) => error),
    );
    expect(failure).toMatchObject({ code, message: expect.stringMatching(says) as unknown });
    expect(isResumable(failure)).toBe(true);
    expect(await readdir(to)).toEqual([expect.stringMatching(/\.part$/)]);

    const { manifest, digest, staging } = taken!;
    const resume = { journal, key, staging };
    const options = { directory: to, manifest, conflict: 'rename', resume } as const;
    const destination = await openDestination(options);
    // Chunks count once all their pieces are there.
    expect(destination.written.bytes).toBeGreaterThanOrEqual(256 * 1024);
    expect(destination.written.bytes).toBeLessThan(SIZE);
    await receiveTransfer({
      met: undefined,
      reconnect: link.reconnect('recipient'),
      primitives: nodePrimitives,
      resumed: { manifest, digest, destination },
      accept: () => Promise.reject(new Error('it was accepted before')),
    });
    await sending;
    expect(away).toEqual([expect.stringMatching(sender)]);
    expect((await readFile(join(to, 'file'))).equals(content)).toBe(true);
    expect(await readdir(to)).toEqual(['file']);
  });
});
