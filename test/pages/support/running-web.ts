import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Router } from 'express';
import { onTestFinished } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import type { OnionHttpServer } from '../../../src/onion-http/onion-http-server.js';
import { type StartWebOptions, startWeb } from '../../../src/pages/server/create-pages.js';

export const CREDENTIALS = { user: 'gäst', password: 'ärger-straße' };

/** A real server of pages on a unix socket, closed after the test; no circuit lines unless asked for. */
export async function runningWeb(
  fill: (routes: Router) => void = () => undefined,
  options: Partial<StartWebOptions> = {},
): Promise<OnionHttpServer> {
  const routes = Router();
  fill(routes);
  return await servedRoutes(routes, options);
}

/** As above, with routes made elsewhere. */
export async function servedRoutes(
  routes: Router,
  options: Partial<StartWebOptions> = {},
): Promise<OnionHttpServer> {
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-web-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const web = await startWeb({
    credentials: CREDENTIALS,
    directory,
    routes,
    circuitLine: false,
    ...options,
  });
  onTestFinished(() => web.close());
  return web;
}

/** Sends bytes and collects everything until the server closes. */
export async function rawReply(path: string, ...pieces: string[]): Promise<string> {
  const socket = createConnection(path);
  let text = '';
  socket.on('data', (piece: Buffer) => {
    text += piece.toString();
  });
  socket.on('error', () => undefined);
  for (const piece of pieces) socket.write(piece);
  await once(socket, 'close');
  return text;
}

export interface WebReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly text: string;
}

export interface WebRequest {
  readonly method?: string;
  /** Undefined sends none. */
  readonly credentials?: { readonly user: string; readonly password: string } | undefined;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/** One HTTP request past the access check, made without this library. */
export function ask(
  { httpSocket }: Pick<OnionHttpServer, 'httpSocket'>,
  path: string,
  request: WebRequest = {},
): Promise<WebReply> {
  const { method = 'GET', headers = {}, body } = request;
  const credentials = 'credentials' in request ? request.credentials : CREDENTIALS;
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      {
        socketPath: httpSocket,
        path,
        method,
        headers: {
          ...(credentials !== undefined && { authorization: formatAuthorization(credentials) }),
          ...headers,
        },
      },
      (incoming) => {
        const pieces: Buffer[] = [];
        incoming.on('data', (piece: Buffer) => pieces.push(piece));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const whole = Buffer.concat(pieces);
          const { statusCode: status = 0, headers } = incoming;
          resolve({ status, headers, body: whole, text: whole.toString('utf8') });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
