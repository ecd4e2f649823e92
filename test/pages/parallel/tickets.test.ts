import { expect, test } from 'vitest';
import { Tickets } from '../../../src/pages/parallel/tickets.js';

const WHAT = { names: ['Straße', 'a&b.bin'], isArchive: false };
const ETAG = '"version"';

test('a ticket says what it opens, which version of it, and for which download', () => {
  const tickets = new Tickets();
  const first = tickets.read(tickets.issue(WHAT, ETAG));
  expect(first).toMatchObject({ what: WHAT, etag: ETAG });
  const again = tickets.read(tickets.issue(WHAT, ETAG, first?.download));
  expect(again?.download).toBe(first?.download);
  expect(tickets.read(tickets.issue(WHAT, ETAG))?.download).not.toBe(first?.download);
});

test('a ticket says which circuit it was made for, if that is known', () => {
  const tickets = new Tickets();
  const holders = [7, 0x2_0000_0007, undefined];
  const said = holders.map(
    (holder) => tickets.read(tickets.issue(WHAT, ETAG, 'a', holder))?.holder,
  );
  expect(said).toEqual(holders);
});

test('a ticket with any character changed is none, and neither is another process’s', () => {
  const tickets = new Tickets();
  const ticket = tickets.issue(WHAT, ETAG);
  for (let at = 0; at < ticket.length; at++) {
    // The last character of base64 has bits that mean nothing.
    if (at === ticket.length - 1) continue;
    const other = ticket[at] === 'A' ? 'B' : 'A';
    expect(tickets.read(ticket.slice(0, at) + other + ticket.slice(at + 1))).toBeUndefined();
  }
  for (const none of ['', '.', 'a', ticket.slice(0, -2), `${ticket}AA`, 'x'.repeat(10_000)]) {
    expect(tickets.read(none)).toBeUndefined();
  }
  expect(new Tickets().read(ticket)).toBeUndefined();
});

test('a ticket is over after an hour, and still says for which download it was', () => {
  let now = 0;
  const tickets = new Tickets(() => now);
  const ticket = tickets.issue(WHAT, ETAG);
  now = 60 * 60_000;
  expect(tickets.read(ticket)).toBeDefined();
  now++;
  expect(tickets.read(ticket)).toBeUndefined();
  expect(tickets.readLate(ticket)).toMatchObject({ what: WHAT, etag: ETAG });
});
