import type { FerryEvent } from '../../../src/api/events.js';

export const ONION = 'duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion';
export const PASSWORD = 'acid-acorn-acre-acts-afar';
export const INVITATION = `http://${ONION}/#${PASSWORD}`;

export const ONLINE = {
  event: 'online',
  onion: ONION,
  url: `http://${ONION}/`,
  user: 'ferry',
  password: PASSWORD,
  invitation: INVITATION,
} as const satisfies FerryEvent;
export const SENT: readonly FerryEvent[] = [
  { event: 'tor', progress: 45, summary: 'Loading relay descriptors' },
  ONLINE,
  { event: 'peer', state: 'joined' },
  { event: 'peer', state: 'rejected' },
  { event: 'peer', state: 'authenticated' },
  { event: 'progress', bytes: 500_000, total: 2_000_000, rate: 250_000, circuits: 8 },
  { event: 'done', bytes: 2_000_000, files: 3, seconds: 8, circuits: 8 },
];
export const RECEIVED: readonly FerryEvent[] = [
  { event: 'peer', state: 'authenticated' },
  { event: 'offer', kind: 'files', names: ['a.txt', '\u001b[31mred'], files: 2, bytes: 12 },
  { event: 'file', path: 'a (1).txt', bytes: 5, sha256: '' },
  { event: 'file', path: 'red/b', bytes: 7, sha256: '' },
  { event: 'file', path: 'red/c', bytes: 0, sha256: '' },
  { event: 'done', bytes: 12, files: 3, seconds: 0.5, circuits: 1 },
];
