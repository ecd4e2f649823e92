import { renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { lstat, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Entry, Manifest } from '../../../src/stream/manifest.js';
import { expectOrder } from '../../support/call-order.js';
import {
  type FileCall,
  hookFileCalls,
  systemError,
  watchFileCalls,
} from '../../support/file-calls.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { labelOf, Receiving, type Run, visible } from '../support/receiving.js';
import { kept } from './resumable.js';

const MIB = 1024 * 1024;
const meta = { mode: 0o640, mtime: 1_000_000_000_000 };
const file = (name: string, size: number): Entry => ({ type: 'file', path: [name], size, ...meta });
const another = (path: string, of: number): Entry => ({
  type: 'hardlink',
  path: path.split('/'),
  file: of,
});

/** A file under two names, and one that gets its final name last. */
const TWICE: Manifest = {
  kind: 'files',
  entries: [file('a', 1000), another('b', 0), file('c', 70_000)],
};
const NAMES = ['a', 'b', 'c'];

let restore: () => void;
beforeAll(() => {
  restore = watchFileCalls();
});
afterAll(() => restore());

const withoutLinks = (call: FileCall): void => {
  if (/^link(Sync)?$/.test(call.name)) throw systemError('EPERM', call);
};

describe('a recipient that is killed before all names of a file are final', () => {
  interface Killed {
    /** The last call that reaches the disk. */
    readonly last: string;
    readonly hasLinks?: boolean;
  }

  async function killed({ last, hasLinks = true }: Killed): Promise<Receiving> {
    const receiving = await Receiving.prepare({ manifest: TWICE });
    let isDead = false;
    const { error } = await hookFileCalls(
      [receiving.directory, receiving.dataDir],
      (call) => {
        if (isDead) throw systemError('EIO', call);
        isDead = labelOf(call, receiving) === last;
        if (!hasLinks) withoutLinks(call);
      },
      () => receiving.run(),
    );
    expect(error).toBeDefined();
    return receiving;
  }

  const NOTED: Killed = { last: 'rename DATA/transfers/ID.journal.moves.TMP' };
  const FIRST_MOVED: Killed = { last: 'unlink OUT/STAGING/a' };

  async function staged(receiving: Receiving, name: string): Promise<string> {
    const hidden = (await readdir(receiving.directory)).find((each) => each.endsWith('.part'));
    return join(receiving.directory, hidden ?? '', name);
  }

  async function expectAll(receiving: Receiving, { error }: Run, names = NAMES): Promise<void> {
    expect(error).toBeUndefined();
    expect(await visible(receiving.directory)).toEqual(names);
    const first = receiving.content.subarray(0, 1000);
    expect((await readFile(join(receiving.directory, 'b'))).equals(first)).toBe(true);
    expect(await receiving.leftBehind()).toEqual([]);
  }

  test.each([
    ['before the first', NOTED],
    ['after the first', FIRST_MOVED],
  ])('is followed by one that fetches nothing, and keeps them one file (%s)', async (_, when) => {
    const receiving = await killed(when);
    const run = await receiving.run();
    expect(run.brought).toBe(0);
    await expectAll(receiving, run);
    const [a, b] = await Promise.all(
      ['a', 'b'].map((name) => stat(join(receiving.directory, name))),
    );
    expect(a?.ino).toBe(b?.ino);
  });

  test.each([
    ['the file', NOTED, 'a'],
    ['its other name', NOTED, 'b'],
    ['a copy of it', { ...NOTED, hasLinks: false }, 'b'],
  ])('is followed by one that notices what was altered meanwhile, and fetches it (%s)', async (_, when, name) => {
    const receiving = await killed(when);
    await writeFile(await staged(receiving, name), 'x'.repeat(1000));
    const run = await receiving.run();
    if (name === 'a' || when === NOTED) expect(run.brought).toBeGreaterThan(0);
    await expectAll(receiving, run);
    expect(await receiving.wrongFiles()).toEqual([]);
  });

  test('leaves what a person wrote under the first final name, and fetches the rest', async () => {
    const receiving = await killed(FIRST_MOVED);
    await writeFile(join(receiving.directory, 'a'), 'mine now');
    const run = await receiving.run();
    await expectAll(receiving, run, ['a', 'a (1)', 'b', 'c']);
    expect(await readFile(join(receiving.directory, 'a'), 'utf8')).toBe('mine now');
  });

  test('leaves what a person wrote under a final name whose staged one was not removed yet', async () => {
    const receiving = await killed({ last: 'link OUT/STAGING/c' });
    await writeFile(join(receiving.directory, 'c'), 'mine now');
    const run = await receiving.run();
    expect(run.brought).toBe(0);
    await expectAll(receiving, run);
    expect(await readFile(join(receiving.directory, 'c'), 'utf8')).toBe('mine now');
  });

  test('does not compare what was left through a link that is just put there', async () => {
    const receiving = await killed(NOTED);
    const at = await staged(receiving, 'c');
    const elsewhere = join(await temporaryDirectory(), 'elsewhere');
    let isPut = false;
    const { error } = await hookFileCalls(
      [receiving.directory],
      (call) => {
        if (isPut || labelOf(call, receiving) !== 'open OUT/STAGING/c') return;
        isPut = true;
        renameSync(at, elsewhere);
        symlinkSync(elsewhere, at);
      },
      () => receiving.run(),
    );
    expect(error).toMatchObject({ code: 'ERR_DESTINATION' });
    expect(await visible(receiving.directory)).toEqual([]);
  });

  test('notices a link that was put in place of what was left', async () => {
    const elsewhere = join(await temporaryDirectory(), 'elsewhere');
    await writeFile(elsewhere, 'x'.repeat(1000));
    const receiving = await killed(NOTED);
    const at = await staged(receiving, 'b');
    rmSync(at);
    symlinkSync(elsewhere, at);
    await expectAll(receiving, await receiving.run());
    expect((await lstat(join(receiving.directory, 'b'))).isFile()).toBe(true);
  });
});

describe('other names of a file', () => {
  const CONTENT_BYTES = 3 * MIB + 5;

  async function written(others: readonly Entry[]) {
    const transfer = await kept([CONTENT_BYTES], others);
    const destination = await transfer.open();
    onTestFinished(() => destination.discard());
    await transfer.write(destination, 0);
    destination.verify(() => undefined);
    return { transfer, destination };
  }

  test('are copies where there are no links: with its time and mode, and on the disk before they are final', async () => {
    const { transfer, destination } = await written([another('d/copy', 1)]);
    const calls: string[] = [];
    await hookFileCalls(
      [transfer.directory],
      (call) => {
        calls.push(`${call.name} ${call.path.slice(call.path.lastIndexOf('/') + 1)}`);
        withoutLinks(call);
      },
      () => destination.finish(CONTENT_BYTES),
    );
    const [original, copy] = ['d/f0', 'd/copy'].map((name) => join(transfer.directory, name));
    expect((await readFile(copy!)).equals(transfer.content)).toBe(true);
    const [a, b] = [await stat(original!), await stat(copy!)];
    expect([b.mode, b.mtimeMs]).toEqual([a.mode, a.mtimeMs]);
    expect(b.ino).not.toBe(a.ino);
    // Read and written by other threads, a part at a time.
    expect(calls.filter((call) => call === 'handle.write copy')).toHaveLength(4);
    expectOrder(calls, 'handle.write copy', 'handle.datasync copy', 'rename d');
  });

  test('are no longer copied when the transfer is suspended, and are copied by the next process', async () => {
    const { transfer, destination } = await written([another('d/copy', 1)]);
    let suspended: Promise<void> | undefined;
    let writes = 0;
    const finishing = hookFileCalls(
      [transfer.directory],
      (call) => {
        withoutLinks(call);
        const isCopying = call.name === 'handle.write' && call.path.endsWith('/copy');
        if (isCopying && ++writes === 2) suspended = destination.suspend();
      },
      () => destination.finish(CONTENT_BYTES),
    );
    await expect(finishing).rejects.toMatchObject({ code: 'ERR_INTERRUPTED' });
    await suspended;
    expect(writes).toBe(2);
    expect((await readdir(transfer.directory)).filter((name) => !name.startsWith('.'))).toEqual([]);

    const again = await transfer.open(destination.staging);
    expect(again.written.bytes).toBe(CONTENT_BYTES);
    expect((await transfer.complete(again)).corrupt).toEqual([]);
    const copy = await readFile(join(transfer.directory, 'd/copy'));
    expect(copy.equals(transfer.content)).toBe(true);
  });

  test('and times and modes are given while no symbolic link of the offer is in the tree', async () => {
    const hostile: readonly Entry[] = [
      { type: 'link', path: ['d', 'a'], target: 'f0' },
      another('d/b', 1),
      { type: 'link', path: ['d', 'z'], target: '.' },
    ];
    const { transfer, destination } = await written(hostile);
    const calls: string[] = [];
    await hookFileCalls(
      [transfer.directory],
      ({ name, path }) => calls.push(`${name} ${path.replace(/.*\.part\//, '')}`),
      () => destination.finish(CONTENT_BYTES),
    );
    const first = calls.findIndex((call) => call.startsWith('symlinkSync'));
    const after = calls.slice(first).filter((call) => /d\/(f0|b)$|^link/.test(call));
    expect(first).toBeGreaterThan(calls.indexOf('linkSync d/f0'));
    expect(first).toBeGreaterThan(calls.indexOf('fchmodSync d/f0'));
    expect(after).toEqual([]);
  });

  test.each<readonly [string, Entry[]]>([
    ['a link', [{ type: 'link', path: ['d', 'l'], target: '..' }, another('d/l/b', 1)]],
    ['a file', [another('d/f0/b', 1)]],
    ['another name of a file', [another('d/b', 1), another('d/b/c', 1)]],
  ])('are refused if their path leads through %s', async (_, others) => {
    const transfer = await kept([10], others);
    await expect(transfer.open()).rejects.toMatchObject({ code: 'ERR_HOSTILE_NAME' });
    expect(await readdir(transfer.directory)).toEqual([]);
  });

  test.each([
    ['copied', 'linkSync', withoutLinks],
    ['given a mode', 'linkSync', (): void => undefined],
  ])('never lead out: a link put in the file’s place is not followed when it is %s', async (_, moment, fail) => {
    const precious = join(await temporaryDirectory(), 'precious');
    writeFileSync(precious, 'precious', { mode: 0o600 });
    const { transfer, destination } = await written([another('d/copy', 1)]);
    const finishing = hookFileCalls(
      [transfer.directory],
      (call) => {
        if (call.name !== moment) return;
        renameSync(call.path, join(transfer.directory, 'aside'));
        symlinkSync(precious, call.path);
        fail(call);
      },
      () => destination.finish(CONTENT_BYTES),
    );
    await expect(finishing).rejects.toMatchObject({ code: 'ERR_DESTINATION' });
    expect((await stat(precious)).mode & 0o777).toBe(0o600);
    expect((await readdir(transfer.directory)).filter((name) => name === 'd')).toEqual([]);
  });
});
