import { once } from 'node:events';
import { mkdir, truncate, writeFile } from 'node:fs/promises';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import { sharedTree } from '../../../src/disk/tree/shared-tree.js';
import type { HttpLimits } from '../../../src/onion-http/limits.js';
import { type Answer, OnionHttpServer } from '../../../src/onion-http/onion-http-server.js';
import type { ParallelPlan } from '../../../src/pages/parallel/plan.js';
import { createShareRoutes } from '../../../src/pages/share/share-routes.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { CREDENTIALS, servedRoutes } from '../support/running-web.js';

/** More than all that is between the disk and somebody who reads nothing */
const LARGE_BYTES = 64 * 1024 ** 2;
export const FILE = '/files/shared/large';

interface SlowShare {
  readonly web: OnionHttpServer;
  readonly siblings: OnionHttpServer;
}

/** A share of one large file, behind a tor that tells circuits, and the server of its siblings. */
export async function slowShare(limits: Partial<HttpLimits> = {}): Promise<SlowShare> {
  const directory = await temporaryDirectory();
  const folder = join(directory, 'shared');
  await mkdir(folder);
  await writeFile(join(folder, 'large'), '');
  await truncate(join(folder, 'large'), LARGE_BYTES);
  const answers: Answer[] = [];
  const routes = createShareRoutes({
    tree: sharedTree([folder]),
    parallel: {
      origin: 'http://page.onion',
      siblings: {
        ...{ origins: [], greeting: '/', wanted: () => [] },
        answerWith: (answer) => void answers.push(answer),
        news: new Promise<never>(() => undefined),
      },
    },
  });
  const web = await servedRoutes(routes, { circuitLine: true });
  const [answer] = answers;
  if (answer === undefined) throw new Error('the share says not what siblings answer');
  const credentials = { user: 'none', password: 'none' };
  const siblings = new OnionHttpServer({
    ...{ credentials, directory, answer, limits, circuitLine: false },
  });
  await siblings.listen();
  onTestFinished(() => siblings.close());
  return { web, siblings };
}

export interface Held {
  readonly socket: Socket;
  readonly status: number;
  /** All that has come before this side stopped reading */
  readonly text: string;
}

/** Asks the pages through a circuit, and reads no more once the reply has begun. */
export async function held(
  { web }: SlowShare,
  circuit: number,
  path: string,
  headers = '',
): Promise<Held> {
  const line = `PROXY TCP6 fc00:dead:beef:4dad::0:${circuit} ::1 7 80\r\n`;
  const login = `Authorization: ${formatAuthorization(CREDENTIALS)}\r\n`;
  return await asked(web.httpSocket, `${line}${head(path, `${login}${headers}`)}`);
}

/** The same at a sibling. */
export async function heldAtSibling(
  { siblings }: SlowShare,
  ticket: string,
  headers: string,
): Promise<Held> {
  return await asked(siblings.httpSocket, head(`/${ticket}`, headers));
}

/** @returns what a visitor on this circuit may fetch the file with */
export async function ticketFor(share: SlowShare, circuit: number): Promise<string> {
  const { text } = await held(share, circuit, `/parallel/plan${FILE}`, 'Connection: close\r\n');
  // As the server writes it.
  const plan = JSON.parse(text.slice(text.indexOf('\r\n\r\n'))) as ParallelPlan;
  return plan.ticket;
}

function head(path: string, headers: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: a\r\n${headers}\r\n`;
}

async function asked(path: string, bytes: string): Promise<Held> {
  const socket = createConnection(path);
  onTestFinished(() => void socket.destroy());
  socket.write(bytes);
  const [piece] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  const text = piece.toString();
  return { socket, status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1]), text };
}
