import { expect, test } from 'vitest';
import type { FerryEvent } from '../../../src/api/events.js';
import { tell } from './tell.js';

const ONION = 'duckduckgogg42xjoc72x3sjasowoarfbgcmvfimaftt6twagswzczad.onion';
const PASSWORD = 'acid-acorn-acre-acts-afar';
const INVITATION = `http://${ONION}/#${PASSWORD}`;
const PLACE = {
  onion: ONION,
  url: `http://${ONION}/`,
  user: 'ferry',
  password: PASSWORD,
  invitation: INVITATION,
};
const ONLINE: FerryEvent = { event: 'online', ...PLACE };

test('a person can pass the invitation on before the address can be reached; a program waits', () => {
  const events: FerryEvent[] = [{ event: 'address', ...PLACE }, ONLINE];
  const terminal = tell(events, { verb: 'send' }, { out: true, err: true });
  expect(terminal.stdout.text).toBe(`${INVITATION}\n`);
  expect(terminal.stderr.shown).toMatch(/log in with this user[^]*\nthe address can be reached\n/);
  for (const to of [{ err: true }, { out: true }, {}]) {
    const [early, whole] = [events.slice(0, 1), events];
    expect(tell(early, { verb: 'send' }, to).stdout.text).toBe('');
    expect(tell(whole, { verb: 'send' }, to).stdout.text).toBe(`${INVITATION}\n`);
  }
  expect(tell(events, { verb: 'send' }, { json: true }).stdout.text).toBe(
    `${JSON.stringify(ONLINE)}\n`,
  );
});

test('the QR code stands above the invitation, which it would push out of a small window', () => {
  const screen = tell([ONLINE], { verb: 'send', qrCode: true }, { err: true }).stderr.shown;
  const [code, invitation] = [screen.indexOf('▄▄▄▄▄'), screen.indexOf('onionferry receive')];
  expect(code).toBeGreaterThan(0);
  expect(invitation).toBeGreaterThan(code);
});
