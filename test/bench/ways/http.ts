import { randomUUID } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { OnionAddress } from '../../../src/onion/address.js';
import { createIdentity } from '../../../src/onion/identity.js';
import type { PreparedContent } from '../content.js';
import type { SideReport } from '../processes/report.js';
import type { Side } from '../processes/start-side.js';
import { HTTP_CLIENT, HTTP_SERVER } from '../sides/programs.js';
import type { Carried, Carrier } from '../turns.js';
import { type Ground, reach } from './ground.js';
import { fetchByTorget } from './torget.js';

/** A file behind an onion address, as plain as it can be: what Tor itself carries. */
export interface HttpService extends AsyncDisposable {
  readonly onion: OnionAddress;
  /**
   * Fetches it whole over one circuit, in equal parts over several, or over these in pieces from one
   * queue.
   */
  carrier(name: string, circuits: number, pieceBytes?: number): Carrier;
  /** Lets torget fetch it. */
  byTorget(name: string): Carrier;
}

export async function serveHttp(ground: Ground, content: PreparedContent): Promise<HttpService> {
  const { sides, tors, directory, signal } = ground;
  const { path, bytes } = content;
  const socket = join(directory, `http-${randomUUID()}`);
  const server: Side = await sides.start(HTTP_SERVER, { file: path, bytes, socket });
  try {
    const publication = await tors.service.tor.publish({
      identity: createIdentity(),
      ports: [{ virtual: 80, target: { unix: await server.ready } }],
      // Its tor is given other services by others, which it could not survive with it.
      proofOfWork: false,
      signal,
    });
    const { onion } = publication;
    await reach(ground, onion);
    // From here on: what it took to start is no part of a run.
    await server.reportSoFar();
    return {
      onion,
      carrier: (name, circuits, pieceBytes) => ({
        name,
        async carry(into): Promise<Carried> {
          const from = { onion, path: '/', bytes, circuits, pieceBytes };
          const recipient = await download(ground, from, into);
          return { sender: await server.reportSoFar(), recipient };
        },
      }),
      byTorget: (name) => ({
        name,
        async carry(into): Promise<Carried> {
          const recipient = await fetchByTorget(onion, bytes, into);
          return { sender: await server.reportSoFar(), recipient };
        },
      }),
      async [Symbol.asyncDispose](): Promise<void> {
        await publication.close();
        await server[Symbol.asyncDispose]();
      },
    };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

interface Download {
  readonly onion: OnionAddress;
  readonly path: string;
  readonly bytes: number;
  readonly circuits: number;
  readonly pieceBytes?: number | undefined;
}

export async function download(
  { sides, tors }: Ground,
  from: Download,
  into: string,
): Promise<SideReport> {
  const file = join(into, 'received');
  const { socks } = tors.client.tor;
  const options = { ...from, socks, isolation: randomUUID(), file };
  await using recipient = await sides.start(HTTP_CLIENT, options);
  const got = await recipient.report;
  if ((await stat(file)).size !== from.bytes) throw new Error('the download lost something');
  return got;
}
