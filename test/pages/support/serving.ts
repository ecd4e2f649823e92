import { once } from 'node:events';
import {
  type Agent,
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type RequestListener,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** A real server on loopback for one test. @returns its port */
export async function serving(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  // Of a TCP server.
  return (server.address() as AddressInfo).port;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Whether all of it came. */
  readonly whole: boolean;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** Keeps the connection for the next request */
  readonly agent?: Agent;
}

/** One request, on a connection of its own unless an agent says otherwise; its path sent as it is. */
export async function ask(port: number, path: string, asked: Asked = {}): Promise<Reply> {
  const response = await open(port, path, asked);
  const pieces: Buffer[] = [];
  response.on('data', (piece: Buffer) => pieces.push(piece));
  response.on('error', () => undefined);
  await new Promise((resolve) => response.once('close', resolve));
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: Buffer.concat(pieces),
    whole: response.complete,
  };
}

/** The same, when only its head has come. */
export async function open(
  port: number,
  path: string,
  { method = 'GET', headers = {}, agent }: Asked = {},
): Promise<IncomingMessage> {
  const outgoing = httpRequest({ port, path, method, headers, agent: agent ?? false });
  outgoing.end();
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  onTestFinished(() => {
    response.destroy();
  });
  return response;
}
