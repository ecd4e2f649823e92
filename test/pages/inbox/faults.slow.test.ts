import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { hookFileCalls, systemError, watchFileCalls } from '../../support/file-calls.js';
import { temporaryDirectoryInMemory } from '../../support/temporary-directory.js';
import {
  contentsOf,
  file,
  note,
  type RunningInbox,
  runningInbox,
  upload,
} from './running-inbox.js';

/** A thousand uploads, on a busy machine. */
const TIMEOUT_MS = 600_000;
const CODES = ['ENOSPC', 'EIO', 'EPERM', 'EINVAL'];
/** No code on this path tells these from one of those. */
const ALIKE = ['EDQUOT', 'EROFS', 'EMFILE', 'ENOSYS'];
const LARGE = Buffer.alloc(100_000, 7);
const PARTS = [file('small', 'one'), file('d/large', LARGE), note('hello')];
const BEFORE = { 'mine.txt': 'mine' };

describe('an inbox whose disk fails', () => {
  let restore: () => void;
  beforeAll(() => {
    restore = watchFileCalls();
  });
  afterAll(() => restore());

  /** Paths without what is random in them. */
  function labelOf(name: string, path: string, { directory }: RunningInbox): string {
    const short = path
      .replace(directory, 'INBOX')
      .replace(/\.onionferry-inbox-[0-9a-f]{12}\.part/, 'STAGING')
      .replace(/note.*\.txt/, 'note');
    return `${name} ${short}`;
  }

  async function attempt(
    inbox: RunningInbox,
    fails: (call: string) => string | undefined,
  ): Promise<{ status: number; calls: string[] }> {
    const calls: string[] = [];
    const counts = new Map<string, number>();
    const { status } = await hookFileCalls(
      [inbox.directory],
      (made) => {
        const label = labelOf(made.name, made.path, inbox);
        const before = counts.get(label) ?? 0;
        counts.set(label, before + 1);
        calls.push(`${label}#${before}`);
        const code = fails(`${label}#${before}`);
        if (code !== undefined) throw systemError(code, made);
      },
      () => upload(inbox, ...PARTS),
    );
    return { status, calls };
  }

  test('at any one call saves all of an upload or nothing, and goes on', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const { calls, status } = await attempt(await runningInbox(), () => undefined);
    expect(status).toBe(200);
    for (const [place, call] of calls.entries()) {
      // Of those that are treated alike another one for each call.
      const also = ALIKE[place % ALIKE.length] ?? [];
      await Promise.all(
        CODES.concat(also).map(async (code) => {
          const inbox = await runningInbox({ directory: await temporaryDirectoryInMemory() });
          await upload(inbox, file('mine.txt', 'mine'));
          const tried = await attempt(inbox, (each) => (each === call ? code : undefined));
          const shown = await contentsOf(inbox.directory);
          const names = Object.keys(shown).filter((name) => !/^note.*txt$/.test(name));
          const what = `${call} ${code}: ${tried.status}`;
          // Where a removal failed, what was to be removed is hidden, and goes with the next start.
          const isRemoval = /^(rm|unlink|rmdir)/.test(call);
          const visible = names.filter((name) => !name.startsWith('.'));
          if (tried.status === 200) {
            expect(visible.sort(), what).toEqual(['d/large', 'mine.txt', 'small']);
            expect(shown, what).toMatchObject({ small: 'one', 'd/large': LARGE.toString() });
          } else {
            expect(visible, what).toEqual(['mine.txt']);
            expect(
              Object.keys(shown).filter((name) => /^note/.test(name)),
              what,
            ).toEqual([]);
          }
          expect(shown, what).toMatchObject(BEFORE);
          if (!isRemoval)
            expect(
              names.filter((name) => name.startsWith('.')),
              what,
            ).toEqual([]);
          expect((await upload(inbox, file('after'))).status, what).toBe(200);
          await inbox.inbox.close();
        }),
      );
    }
  });
});
