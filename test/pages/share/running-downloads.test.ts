import { expect, test, vi } from 'vitest';
import { DOWNLOADS_PER_CIRCUIT } from '../../../src/pages/share/running-downloads.js';
import { en } from '../../../src/pages/words/en.js';
import { FILE, type Held, held, heldAtSibling, slowShare, ticketFor } from './slow-share.js';

/** As much as a page asks for at a time */
const RANGE = `Range: bytes=0-${16 * 1024 ** 2 - 1}\r\n`;

async function statuses(count: number, ask: () => Promise<Held>): Promise<number[]> {
  return (await Promise.all(Array.from({ length: count }, ask))).map(({ status }) => status);
}

test('one download more than a circuit may have is told to come again, and others are served', async () => {
  const share = await slowShare();
  const asked = (circuit: number): Promise<Held> => held(share, circuit, FILE);
  expect(await statuses(DOWNLOADS_PER_CIRCUIT, () => asked(1))).toEqual(
    Array(DOWNLOADS_PER_CIRCUIT).fill(200),
  );
  const refused = await asked(1);
  expect(refused.status).toBe(503);
  expect(refused.text).toMatch(/^Retry-After: \d+\r$/m);
  expect(refused.text).toContain(en.errors['downloads-at-once'].sentence);
  // Pages are no downloads, and another circuit is somebody else's.
  expect((await held(share, 1, '/')).status).toBe(200);
  expect((await asked(2)).status).toBe(200);
});

test('a download that has ended makes room for another on its circuit', async () => {
  const share = await slowShare();
  const first = await held(share, 1, FILE);
  await statuses(DOWNLOADS_PER_CIRCUIT - 1, () => held(share, 1, FILE));
  expect((await held(share, 1, FILE)).status).toBe(503);
  first.socket.destroy();
  await vi.waitFor(async () => expect((await held(share, 1, FILE)).status).toBe(200), 60_000);
  expect((await held(share, 1, FILE)).status).toBe(503);
});

test('downloads that end one after the other are as many as one likes', async () => {
  const share = await slowShare();
  for (let turn = 0; turn < 2 * DOWNLOADS_PER_CIRCUIT; turn++) {
    expect((await held(share, 1, FILE, 'Range: bytes=0-9\r\n')).status).toBe(206);
  }
});

test('parts that a page fetches from its own address count with the downloads of its circuit', async () => {
  const share = await slowShare();
  const ticket = await ticketFor(share, 1);
  const part = (): Promise<Held> => held(share, 1, `/parallel/range/${ticket}`, RANGE);
  expect(await statuses(DOWNLOADS_PER_CIRCUIT, part)).toEqual(
    Array(DOWNLOADS_PER_CIRCUIT).fill(206),
  );
  const refused = await part();
  expect(refused.status).toBe(503);
  expect(refused.text).not.toContain('Content-Range');
  expect((await held(share, 1, FILE)).status).toBe(503);
  // Siblings tell no circuits, and hinder nobody.
  const beside = await statuses(DOWNLOADS_PER_CIRCUIT + 1, () =>
    heldAtSibling(share, ticket, RANGE),
  );
  expect(beside).toEqual(Array(DOWNLOADS_PER_CIRCUIT + 1).fill(206));
});
