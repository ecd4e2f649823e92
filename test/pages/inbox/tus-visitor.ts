import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { formatAuthorization } from '../../../src/base/authorization.js';
import type { OnionHttpServer } from '../../../src/onion-http/onion-http-server.js';
import { CREDENTIALS, type WebReply } from '../support/running-web.js';

export interface TusRequest {
  readonly method: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: Buffer | string;
}

const AUTHORIZATION = formatAuthorization(CREDENTIALS);

/** Begins a request of tus 1.0.0 that is written by hand. */
export function beginTus(
  { httpSocket }: OnionHttpServer,
  { method, path = '/uploads', headers }: TusRequest,
): ClientRequest {
  return request({
    ...{ socketPath: httpSocket, method, path },
    headers: { 'tus-resumable': '1.0.0', authorization: AUTHORIZATION, ...headers },
  });
}

export async function tus(web: OnionHttpServer, sent: TusRequest): Promise<WebReply> {
  const outgoing = beginTus(web, sent);
  const replied = once(outgoing, 'response');
  outgoing.end(sent.body);
  const [incoming] = (await replied) as [IncomingMessage];
  const body = await buffer(incoming);
  const { statusCode: status = 0, headers } = incoming;
  return { status, headers, body, text: body.toString() };
}

export function metadata(entries: Record<string, string>): string {
  return Object.entries(entries)
    .map(([name, value]) => `${name} ${Buffer.from(value).toString('base64')}`)
    .join(',');
}

/** @returns the path of the new upload */
export async function created(
  web: OnionHttpServer,
  length: number,
  entries: Record<string, string> = { filename: 'a.bin' },
  headers: Record<string, string> = {},
): Promise<string> {
  const reply = await tus(web, {
    method: 'POST',
    headers: {
      'upload-length': String(length),
      'upload-metadata': metadata(entries),
      ...headers,
    },
  });
  if (reply.status !== 201) throw new Error(`${reply.status}: ${reply.text}`);
  return String(reply.headers['location']);
}

export function patch(
  web: OnionHttpServer,
  path: string,
  offset: number,
  body: Buffer | string,
  headers: Record<string, string> = {},
): Promise<WebReply> {
  const length = String(Buffer.byteLength(body));
  const type = 'application/offset+octet-stream';
  const given = { 'content-type': type, 'content-length': length, 'upload-offset': String(offset) };
  return tus(web, { method: 'PATCH', path, body, headers: { ...given, ...headers } });
}

/** What a page shows of a file of one unit: the SHA-256 of its unit's SHA-256, in hex. */
export function unitsSha256(content: Buffer): string {
  return createHash('sha256').update(createHash('sha256').update(content).digest()).digest('hex');
}
