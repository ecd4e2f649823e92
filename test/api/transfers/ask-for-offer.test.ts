import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { FerryEvent } from '../../../src/api/events.js';
import {
  withAccept,
  withConflict,
  withOutput,
  withOutputStream,
} from '../../../src/api/receive-options.js';
import { type AnyOption, applyOptions } from '../../../src/api/settings.js';
import { askForOffer } from '../../../src/api/transfers/ask-for-offer.js';
import { OnionferryError } from '../../../src/base/errors.js';
import type { Manifest } from '../../../src/stream/manifest.js';
import { selectFrom } from '../../../src/transfer/destination/selection.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { filesOf } from '../../transfer/destination/resumable.js';

interface Asked {
  readonly events: readonly string[];
  /** Undefined if the offer was taken. */
  readonly error: unknown;
}

/** Offers two files in a folder to somebody who takes everything, and notes what happens. */
async function ask(sizes: readonly number[], ...options: readonly AnyOption[]): Promise<Asked> {
  const events: string[] = [];
  const settings = applyOptions([
    ...options,
    withAccept(() => {
      events.push('asked');
      return true;
    }),
  ]);
  const manifest = filesOf(sizes);
  const emit = ({ event }: FerryEvent): void => void events.push(event);
  const { signal } = new AbortController();
  const error: unknown = await askForOffer(
    manifest,
    await selectFrom(manifest),
    settings,
    { emit, signal },
    signal,
  ).catch((thrown: unknown) => thrown);
  return { events, error };
}

test('an offer that can be received is told, and then asked for; nothing is made', async () => {
  const out = await temporaryDirectory();
  for (const folder of [out, join(out, 'not/yet')]) {
    const { events, error } = await ask([1, 2], withOutput(folder), withConflict('fail'));
    expect(error).toBeUndefined();
    expect(events).toEqual(['offer', 'asked']);
  }
  expect(await readdir(out)).toEqual([]);
});

test('nobody is asked for an offer of which a name is taken (fail)', async () => {
  const out = await temporaryDirectory();
  await mkdir(join(out, 'd'));
  await writeFile(join(out, 'd/f1'), 'mine');
  expect(await ask([1, 2], withOutput(out), withConflict('fail'))).toMatchObject({
    events: ['offer'],
    error: { code: 'ERR_CONFLICT', message: `${out}/d/f1 exists already; nothing was written` },
  });
  expect((await ask([1, 2], withOutput(out))).events).toEqual(['offer', 'asked']);
});

test('nobody is asked for an offer that there is no room for', async () => {
  const out = await temporaryDirectory();
  for (const folder of [out, join(out, 'not/yet')]) {
    expect(await ask([2 ** 50], withOutput(folder))).toMatchObject({
      events: ['offer'],
      error: { code: 'ERR_DISK_FULL' },
    });
  }
});

test('nobody is asked for several files that are to go to one stream', async () => {
  expect(await ask([1, 2], withOutputStream(new PassThrough()))).toMatchObject({
    events: ['offer'],
    error: { code: 'ERR_CONFLICT' },
  });
});

test('an answer that never comes is not waited for once it is of no more use', async () => {
  const over = new AbortController();
  const settings = applyOptions([
    withAccept(() => {
      over.abort(new OnionferryError('ERR_PEER_GONE', 'the sender has gone'));
      return new Promise<boolean>(() => undefined);
    }),
  ]);
  const asked = askForOffer(
    filesOf([1]),
    undefined,
    settings,
    { emit: () => undefined, signal: new AbortController().signal },
    over.signal,
  );
  await expect(asked).rejects.toMatchObject({ code: 'ERR_PEER_GONE' });
});

test('the offer says of each name what it is, and how much of it there is', async () => {
  const common = { mode: 0o644, mtime: 0 };
  const manifest: Manifest = {
    kind: 'files',
    entries: [
      { type: 'folder', path: ['d'], ...common },
      { type: 'file', path: ['d', 'a'], size: 5, ...common },
      { type: 'hardlink', path: ['d', 'b'], file: 1 },
      { type: 'link', path: ['l'], target: 'd/a' },
      { type: 'file', path: ['f'], size: 7, ...common },
    ],
  };
  const events: FerryEvent[] = [];
  const { signal } = new AbortController();
  const settings = applyOptions([withOutput(await temporaryDirectory())]);
  const emit = (event: FerryEvent): void => void events.push(event);
  await askForOffer(manifest, await selectFrom(manifest), settings, { emit, signal }, signal);
  expect(events).toContainEqual({
    event: 'offer',
    kind: 'files',
    names: ['d', 'l', 'f'],
    entries: [
      { name: 'd', kind: 'folder', files: 2, bytes: 5 },
      { name: 'l', kind: 'link', files: 0, bytes: 0 },
      { name: 'f', kind: 'file', files: 1, bytes: 7 },
    ],
    files: 3,
    bytes: 12,
  });
});
