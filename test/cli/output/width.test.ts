import { expect, test } from 'vitest';
import type { OnlineEvent } from '../../../src/api/events.js';
import { tell } from './tell.js';

const ONION = 'duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion';
const PASSWORD = 'acid-acorn-acre-acts-afar';

const online = (others = ''): OnlineEvent => ({
  event: 'online',
  onion: ONION,
  url: `http://${ONION}/`,
  user: 'ferry',
  password: PASSWORD,
  invitation: `http://${ONION}/#${PASSWORD}${others}`,
});
const NARROW = { out: true, err: true, columns: 80 };

test('on a terminal of 80 columns no line is wider, and no word is broken', () => {
  for (const others of ['', ';curve=p384;relay=of-the-relay']) {
    const { stdout, stderr } = tell([online(others)], { verb: 'send', qrCode: true }, NARROW);
    expect(stdout.text.replaceAll('\n', '')).toBe(online(others).invitation);
    const lines = `${stdout.text}\n${stderr.shown}`.split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines).toContain(`http://${ONION}/#`);
    expect(lines).toContain(PASSWORD);
  }
});

test.each(['share', 'inbox', 'site'] as const)('what %s prints is as narrow there', (verb) => {
  const { stdout, stderr } = tell([online()], { verb, qrCode: true }, NARROW);
  const lines = `${stdout.text}\n${stderr.shown}`.split('\n');
  expect(lines.filter((line) => line.length > 80)).toEqual([]);
  if (verb === 'share')
    expect(lines).toEqual(expect.arrayContaining([`http://${ONION}/#`, PASSWORD]));
});
