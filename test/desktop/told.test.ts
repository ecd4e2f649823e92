import { describe, expect, test } from 'vitest';
import type { FerryEvent } from '../../src/api/events.js';
import { type ToldTask, told } from '../../src/desktop/told.js';
import type { DesktopVerb } from '../../src/pages/desktop/state.js';

const ONION = 'duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion';
const INVITATION = `http://${ONION}/#abacus-abdomen-clock-zoom-ladder-violin`;
const PLACE = { onion: ONION, url: `http://${ONION}/`, user: 'ferry', password: 'abacus-abdomen' };

function after(verb: DesktopVerb, ...events: readonly FerryEvent[]): ToldTask {
  const fresh: ToldTask = {
    ...{ id: 1, verb, stage: 'running', status: () => '' },
    ...{ progress: [], files: [], warnings: [] },
  };
  return events.reduce<ToldTask>((task, event) => told(task, event), fresh);
}

const progress = (recipient: number | undefined, bytes: number): FerryEvent => ({
  ...{ event: 'progress', bytes, total: 10, rate: 1, circuits: 2 },
  ...(recipient !== undefined && { recipient }),
});

describe('a place to pass on', () => {
  test('of a transfer has an invitation, also in its QR code', () => {
    const { place } = after('send', { event: 'online', ...PLACE, invitation: INVITATION });
    expect(place).toMatchObject({ url: PLACE.url, user: 'ferry', invitation: INVITATION });
    // As large as a code of more characters is.
    const { place: shared } = after('share', { event: 'online', ...PLACE, invitation: INVITATION });
    expect(place?.qr.size).toBeGreaterThan(shared?.qr.size ?? Number.POSITIVE_INFINITY);
    expect(place?.qr.path).toMatch(/^(?:M\d+ \d+h1v1h-1z)+$/);
  });

  test.each([
    'inbox',
    'site',
  ] as const)('of an %s has none, which programs could not use', (verb) => {
    const invitation = `http://ferry:abacus@${ONION}/`;
    const { place } = after(verb, { event: 'online', ...PLACE, invitation });
    expect(place).not.toHaveProperty('invitation');
  });
});

test('each recipient has progress of its own, until it has left or has everything', () => {
  const two = after('send', progress(1, 1), progress(2, 3), progress(1, 5));
  expect(two.progress.map(({ recipient, bytes }) => [recipient, bytes])).toEqual([
    [1, 5],
    [2, 3],
  ]);
  const left = told(two, { event: 'peer', state: 'left', recipient: 2 });
  expect(left.progress.map(({ recipient }) => recipient)).toEqual([1]);
  const done = { bytes: 10, files: 1, seconds: 1, circuits: 2 };
  expect(told(left, { event: 'done', recipient: 1, ...done }).progress).toEqual([]);
});

test('only the latest files and warnings are kept, and no warning twice', () => {
  const names = Array.from({ length: 30 }, (_, index) => `f${index}`);
  const files = names.map((path): FerryEvent => ({ event: 'file', path, bytes: 1 }));
  expect(after('inbox', ...files).files).toHaveLength(20);
  expect(after('inbox', ...files).files[0]).toEqual({ path: 'f29', bytes: 1 });
  const warning: FerryEvent = { event: 'warning', message: 'one entry is left out' };
  expect(after('share', warning, warning).warnings).toEqual(['one entry is left out']);
  const many = names.map((message): FerryEvent => ({ event: 'warning', message }));
  expect(after('share', ...many).warnings).toHaveLength(10);
});

test('of a large offer some names are shown, and the rest is counted', () => {
  const names = Array.from({ length: 60 }, (_, index) => `f${index}`);
  const offer: FerryEvent = { event: 'offer', kind: 'files', names, files: 60, bytes: null };
  expect(after('receive', offer).offer).toMatchObject({ more: 10, files: 60, bytes: null });
  expect(after('receive', offer).offer?.names).toHaveLength(50);
});
