import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { OnlineEvent } from '../../src/api/events.js';
import { formatAuthorization } from '../../src/base/authorization.js';
import { OnionAgent } from '../../src/tor/dial/onion-agent.js';
import { startTor } from './start-tor.js';

export interface VisitedPage {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Visit {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Called when the head of the reply has come. */
  readonly onHead?: () => void;
}

/** Somebody with a tor of their own who visits pages, without a browser. */
export interface Visitor extends AsyncDisposable {
  visit(
    where: Pick<OnlineEvent, 'onion' | 'user' | 'password'>,
    path: string,
    visit?: Visit,
  ): Promise<VisitedPage>;
  /** Asks for something on a connection of its own, and reads no more of the reply than its head. */
  begin(
    where: Pick<OnlineEvent, 'onion' | 'user' | 'password'>,
    path: string,
  ): Promise<{ readonly breakOff: () => void }>;
}

export async function startVisitor(directory: string, torrc: string): Promise<Visitor> {
  const tor = await startTor({ dataDir: join(directory, 'visitor'), torrc });
  const agent = new OnionAgent({ socks: tor.socks, isolation: 'visitor' });
  return {
    begin: ({ onion, ...credentials }, path) =>
      new Promise((resolve, reject) => {
        const own = new OnionAgent({ socks: tor.socks, isolation: 'breaks-off' });
        const headers = { authorization: formatAuthorization(credentials) };
        const outgoing = httpRequest({ agent: own, host: onion, path, headers }, ({ socket }) => {
          resolve({
            breakOff: () => {
              socket.destroy();
              own.destroy();
            },
          });
        });
        outgoing.on('error', reject);
        outgoing.end();
      }),
    visit: ({ onion, ...credentials }, path, { method = 'GET', headers = {}, body, onHead } = {}) =>
      new Promise((resolve, reject) => {
        const authorization = formatAuthorization(credentials);
        const outgoing = httpRequest(
          { agent, host: onion, path, method, headers: { authorization, ...headers } },
          (incoming) => {
            onHead?.();
            const pieces: Buffer[] = [];
            incoming.on('data', (piece: Buffer) => pieces.push(piece));
            incoming.on('error', reject);
            incoming.on('end', () => {
              const { statusCode: status = 0, headers } = incoming;
              resolve({ status, headers, body: Buffer.concat(pieces) });
            });
          },
        );
        outgoing.on('error', reject);
        outgoing.end(body);
      }),
    async [Symbol.asyncDispose](): Promise<void> {
      agent.destroy();
      await tor.close();
    },
  };
}
