import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { silentLogger } from '../../src/base/logger.js';
import { Interrupted } from '../../src/desktop/interrupted.js';
import { desktopWords } from '../../src/pages/words/desktop/desktop-words.js';
import type { Unrecorded } from '../../src/transfer/record/held-record.js';
import type {
  RecipientRecord,
  SenderRecord,
  TransferRecord,
} from '../../src/transfer/record/record.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { common, leaveTransfer, ONION, sending } from './support/left-transfers.js';

const english = desktopWords('en');
const STAGING = '.onionferry-0123456789ab.part';

interface Place {
  readonly home: string;
  readonly dataDir: string;
  readonly interrupted: Interrupted;
  /** Writes the record of a transfer whose process has ended. @returns its id */
  readonly left: <R extends TransferRecord>(fields: Unrecorded<R>) => Promise<string>;
  readonly changes: () => number;
}

/** A home and a data directory, and what is left there of transfers. */
async function place(): Promise<Place> {
  const directory = await temporaryDirectory();
  const [home, dataDir] = [join(directory, 'home'), join(directory, 'data')];
  await mkdir(join(home, 'Downloads', STAGING), { recursive: true });
  let count = 0;
  const interrupted = new Interrupted({
    ...{ home, dataDir, logger: silentLogger },
    onChange: () => {
      count += 1;
    },
  });
  const left: Place['left'] = (fields) => leaveTransfer(dataDir, fields);
  return { home, dataDir, interrupted, left, changes: () => count };
}

function receiving(home: string, folder = 'Downloads'): Unrecorded<RecipientRecord> {
  const [directory, staging] = [join(home, folder), join(home, 'Downloads', STAGING)];
  const rest = { onion: ONION, access: 'a', directory, staging, conflict: 'rename' } as const;
  return { kind: 'recipient', ...common, ...rest };
}

function at<R extends Unrecorded<SenderRecord>>(access: string, fields: R): R {
  return { ...fields, relay: { ...fields.relay, access } };
}

test('transfers into and from the home are listed, and no others', async () => {
  const { home, interrupted, left, changes } = await place();
  const first = await left(receiving(home));
  const again = await left(receiving(home));
  await left(receiving(home, '../elsewhere'));
  await left(sending('/etc/passwd', join(home, 'a.txt')));
  const sent = await left(at('b', sending(join(home, 'a.txt'), join(home, 'b.txt'))));
  await interrupted.refresh();
  expect(changes()).toBe(1);
  const state = interrupted.stateIn(english).map(({ id, verb, about }) => ({ id, verb, about }));
  expect(state).toHaveLength(3);
  expect(state).toEqual(
    expect.arrayContaining([
      { id: sent, verb: 'send', about: 'a.txt and 1 more' },
      { id: again, verb: 'receive', about: 'Downloads' },
      { id: first, verb: 'receive', about: 'Downloads' },
    ]),
  );
});

test('what was sent at one address is one entry, which is gone on with and discarded as a whole', async () => {
  const { home, dataDir, interrupted, left } = await place();
  const slides = join(home, 'slides.pdf');
  const other = await left(at('b', sending(join(home, 'a.txt'))));
  const recipients = [await left(sending(slides)), await left(sending(slides))];
  await interrupted.refresh();
  const [entry] = interrupted.stateIn(english).filter(({ about }) => about === 'slides.pdf');
  expect(entry).toMatchObject({ verb: 'send', recipients: 2 });
  const taken = interrupted.take(entry?.id ?? '');
  expect(taken?.ids.toSorted()).toEqual(recipients.toSorted());
  expect(taken?.ids[0]).toBe(entry?.id);
  await interrupted.putBack(entry?.id ?? '');

  // One that comes after it was shown is none of it.
  const later = await left(sending(slides));
  expect(await interrupted.discard(entry?.id ?? '')).toBe(true);
  const names = await readdir(join(dataDir, 'transfers'));
  const ids = new Set(names.map((name) => name.split('.', 1)[0]));
  expect([...ids].toSorted()).toEqual([other, later].toSorted());
});

test('one that goes on is off the list, cannot be taken twice, and is back if it ends too early', async () => {
  const { home, interrupted, left } = await place();
  const id = await left(receiving(home));
  await interrupted.refresh();
  expect(interrupted.take(id)).toMatchObject({ verb: 'receive', onion: ONION });
  expect(interrupted.take(id)).toBeUndefined();
  expect(interrupted.stateIn(english)).toEqual([]);
  await interrupted.putBack(id);
  expect(interrupted.stateIn(english)).toMatchObject([{ id }]);
});

test('one that is discarded leaves nothing behind', async () => {
  const { home, dataDir, interrupted, left } = await place();
  const id = await left(receiving(home));
  await interrupted.refresh();
  expect(await interrupted.discard(id)).toBe(true);
  expect(await readdir(join(home, 'Downloads'))).toEqual([]);
  expect(await readdir(join(dataDir, 'transfers'))).toEqual([]);
  expect(interrupted.stateIn(english)).toEqual([]);
  expect(await interrupted.discard(id)).toBe(false);
});

test('a record that names another folder for what has arrived removes nothing but itself', async () => {
  const { home, interrupted, left } = await place();
  await mkdir(join(home, 'letters'));
  const id = await left({ ...receiving(home), staging: join(home, 'letters') });
  await interrupted.refresh();
  expect(await interrupted.discard(id)).toBe(true);
  expect((await readdir(home)).sort()).toEqual(['Downloads', 'letters']);
});

test('one whose content is damaged can be discarded as well', async () => {
  const { home, dataDir, interrupted, left } = await place();
  const transfers = join(dataDir, 'transfers');
  for (const leave of [() => left(receiving(home)), () => left(sending(join(home, 'a.txt')))]) {
    const id = await leave();
    await writeFile(join(transfers, `${id}.content.json`), 'damaged');
    await interrupted.refresh();
    expect(interrupted.stateIn(english)).toMatchObject([{ id }]);
    expect(await interrupted.discard(id)).toBe(true);
    expect(await readdir(transfers)).toEqual([]);
  }
  expect(await readdir(join(home, 'Downloads'))).toEqual([]);
});
