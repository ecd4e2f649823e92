import { once } from 'node:events';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import { sharedTree } from '../../../src/disk/tree/shared-tree.js';
import type { OnionHttpServer } from '../../../src/onion-http/onion-http-server.js';
import type { ParallelPlan } from '../../../src/pages/parallel/plan.js';
import { DOWNLOADS_PER_CIRCUIT } from '../../../src/pages/share/running-downloads.js';
import { createShareRoutes } from '../../../src/pages/share/share-routes.js';
import { wording } from '../../../src/pages/wording.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { CREDENTIALS, servedRoutes } from '../support/running-web.js';

/** More than all that is between the disk and somebody who reads nothing */
const LARGE_BYTES = 64 * 1024 ** 2;
const FILE = '/files/shared/large';

/** A share of one large file, behind a tor that tells circuits. */
async function slowShare(): Promise<OnionHttpServer> {
  const folder = join(await temporaryDirectory(), 'shared');
  await mkdir(folder);
  await writeFile(join(folder, 'large'), '');
  await truncate(join(folder, 'large'), LARGE_BYTES);
  const siblings = {
    ...{ origins: [], greeting: '/', answerWith: () => undefined, wanted: () => [] },
    news: new Promise<never>(() => undefined),
  };
  const routes = createShareRoutes({
    tree: sharedTree([folder]),
    parallel: { siblings, origin: 'http://page.onion' },
  });
  return await servedRoutes(routes, { circuitLine: true });
}

interface Held {
  readonly socket: Socket;
  readonly status: number;
  /** All that has come before this side stopped reading */
  readonly text: string;
}

/** Asks through a circuit, and reads no more once the reply has begun. */
async function held(
  { httpSocket }: OnionHttpServer,
  circuit: number,
  path: string,
  headers = '',
): Promise<Held> {
  const socket = createConnection(httpSocket);
  onTestFinished(() => void socket.destroy());
  socket.write(
    `PROXY TCP6 fc00:dead:beef:4dad::0:${circuit} ::1 7 80\r\nGET ${path} HTTP/1.1\r\nHost: a\r\n` +
      `Authorization: ${formatAuthorization(CREDENTIALS)}\r\n${headers}\r\n`,
  );
  const [piece] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  const text = piece.toString();
  return { socket, status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
}

async function statuses(count: number, ask: () => Promise<Held>): Promise<number[]> {
  return (await Promise.all(Array.from({ length: count }, ask))).map(({ status }) => status);
}

test('one download more than a circuit may have is told to come again, and others are served', async () => {
  const web = await slowShare();
  const asked = (circuit: number): Promise<Held> => held(web, circuit, FILE);
  expect(await statuses(DOWNLOADS_PER_CIRCUIT, () => asked(1))).toEqual(
    Array(DOWNLOADS_PER_CIRCUIT).fill(200),
  );
  const refused = await asked(1);
  expect(refused.status).toBe(503);
  expect(refused.text).toMatch(/^Retry-After: \d+\r$/m);
  expect(refused.text).toContain(wording.errors['downloads-at-once'].sentence);
  // Pages are no downloads, and another circuit is somebody else's.
  expect((await held(web, 1, '/')).status).toBe(200);
  expect((await asked(2)).status).toBe(200);
});

test('a download that has ended makes room for another on its circuit', async () => {
  const web = await slowShare();
  const first = await held(web, 1, FILE);
  await statuses(DOWNLOADS_PER_CIRCUIT - 1, () => held(web, 1, FILE));
  expect((await held(web, 1, FILE)).status).toBe(503);
  first.socket.destroy();
  await vi.waitFor(async () => expect((await held(web, 1, FILE)).status).toBe(200), 60_000);
  expect((await held(web, 1, FILE)).status).toBe(503);
});

test('downloads that end one after the other are as many as one likes', async () => {
  const web = await slowShare();
  for (let turn = 0; turn < 2 * DOWNLOADS_PER_CIRCUIT; turn++) {
    expect((await held(web, 1, FILE, 'Range: bytes=0-9\r\n')).status).toBe(206);
  }
});

test('parts that a page fetches from its own address count with the downloads of its circuit', async () => {
  const web = await slowShare();
  const { text } = await held(web, 1, `/parallel/plan${FILE}`, 'Connection: close\r\n');
  // As the server writes it.
  const { ticket } = JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) as ParallelPlan;
  const part = (): Promise<Held> =>
    held(web, 1, `/parallel/range/${ticket}`, `Range: bytes=0-${16 * 1024 ** 2 - 1}\r\n`);
  expect(await statuses(DOWNLOADS_PER_CIRCUIT, part)).toEqual(
    Array(DOWNLOADS_PER_CIRCUIT).fill(206),
  );
  const refused = await part();
  expect(refused.status).toBe(503);
  expect(refused.text).not.toContain('Content-Range');
  expect((await held(web, 1, FILE)).status).toBe(503);
});
