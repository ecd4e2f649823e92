import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { Agent, request as httpRequest, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { formatAuthorization } from '../../../src/base/authorization.js';
import {
  HttpRelayClient,
  type HttpRelayClientOptions,
} from '../../../src/relay/client/http-relay-client.js';
import type { RelayLimits } from '../../../src/relay/limits.js';
import {
  type RelayServer,
  type StartRelayOptions,
  startRelay,
} from '../../../src/relay/server/start-relay.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';

export const CREDENTIALS = { user: 'ferry', password: 'ärger-straße' };
export const AUTHORIZATION: string = formatAuthorization(CREDENTIALS);

/** A directory that is gone after the test. */
export async function scratchDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'onionferry-relay-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A real relay on unix sockets, closed after the test; no circuit lines unless asked for. */
export async function runningRelay(
  limits: Partial<RelayLimits> = {},
  options: Partial<StartRelayOptions> = {},
): Promise<RelayServer> {
  const directory = await scratchDirectory();
  const relay = await startRelay({
    credentials: CREDENTIALS,
    directory,
    circuitLine: false,
    remoteSenders: true,
    limits,
    ...options,
  });
  onTestFinished(() => relay.close());
  return relay;
}

/** The relay as a remote client uses it, over kept-alive connections to a unix socket. */
export function farAccess(
  { httpSocket, streamSocket }: Pick<RelayServer, 'httpSocket' | 'streamSocket'>,
  options: Partial<HttpRelayClientOptions> = {},
): RelayClient {
  const agent = keptAlive(httpSocket);
  const access = new HttpRelayClient({
    host: 'relay.test',
    agent,
    dial: ({ first }) => connected(streamSocket, first),
    credentials: CREDENTIALS,
    ...options,
  });
  onTestFinished(() => access.close());
  return access;
}

/** An agent whose every connection goes to one unix socket. */
export function keptAlive(socketPath: string): Agent {
  // The agent hands its own options to each request; socketPath is one of those.
  const agent = new Agent({ keepAlive: true, socketPath } as ConstructorParameters<
    typeof Agent
  >[0]);
  onTestFinished(() => agent.destroy());
  return agent;
}

/** Lets a server listen at a unix socket until the test ends. @returns the socket's path */
export async function listeningAt(server: Server): Promise<string> {
  const path = join(await scratchDirectory(), 'http');
  server.listen(path);
  await once(server, 'listening');
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return path;
}

/** @param first what it sends at once */
export function connected(path: string, first?: Uint8Array): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path, () => resolve(socket));
    socket.once('error', reject);
    if (first !== undefined) socket.write(first);
    onTestFinished(() => {
      socket.destroy();
    });
  });
}

export interface PlainReply {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
  // What a test reads from a reply is checked by its expectations.
  readonly json: Record<string, unknown>;
}

export interface PlainRequest {
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  readonly agent?: Agent;
}

/** One HTTP request with nothing of this library in it. */
export function plainRequest(
  socketPath: string,
  path: string,
  { method = 'POST', body, headers = {}, agent }: PlainRequest = {},
): Promise<PlainReply> {
  return new Promise((resolve, reject) => {
    const isPlain = typeof body === 'string' || body === undefined || body instanceof Buffer;
    const content = isPlain ? body : JSON.stringify(body);
    const outgoing = httpRequest(
      {
        socketPath,
        path,
        method,
        headers: {
          authorization: AUTHORIZATION,
          ...(content !== undefined && { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(agent !== undefined && { agent }),
      },
      (incoming) => {
        let received = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (piece: string) => {
          received += piece;
        });
        incoming.on('error', reject);
        incoming.on('end', () => {
          const json: unknown = received.startsWith('{') ? JSON.parse(received) : {};
          resolve({
            status: incoming.statusCode ?? 0,
            headers: incoming.headers,
            text: received,
            json: json as Record<string, unknown>,
          });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(content);
  });
}

export function nonce(): string {
  return randomBytes(16).toString('base64url');
}

/** A confirmation and its hash, as the key agreement would yield them. */
export function confirmation(): { h_k: string; hh_k: string } {
  const key = randomBytes(32);
  return {
    h_k: key.toString('base64url'),
    hh_k: createHash('sha256').update(key).digest('base64url'),
  };
}

export function share(): string {
  return randomBytes(33).toString('base64url');
}
