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

test.each([
  'send',
  'share',
] as const)('the QR code of %s comes last, and only where the window has room for everything', (verb) => {
  const shownIn = (rows: number): string =>
    tell([ONLINE], { verb, qrCode: true }, { out: true, err: true, rows }).stderr.shown;
  const screen = shownIn(100);
  expect(screen.indexOf('▄▄▄▄▄')).toBeGreaterThan(screen.indexOf('onionferry receive'));
  const needed = screen.trimEnd().split('\n').length;
  // The invitation, or the address, user and password, go to the other stream of this terminal.
  expect(shownIn(needed + 5)).toContain('▄▄▄▄▄');
  expect(shownIn(needed)).not.toContain('▄▄▄▄▄');
});
