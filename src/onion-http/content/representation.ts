import { createHash, createHmac } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { create as contentDisposition } from 'content-disposition';
import type { Brand } from '../../base/brand.js';
import type { Identity } from '../../onion/identity.js';
import {
  type ByteRange,
  judgeConditions,
  mayResume,
  requestedRange,
  type Validators,
} from './conditions.js';
import { type OpenRange, type PourOptions, pour } from './pour.js';

/** What a URL stands for at this moment: some bytes, all of which are known before the first. */
export interface Representation {
  readonly size: number;
  /** Strong and quoted (RFC 9110, section 8.8.3): other bytes never have the same one. */
  readonly etag: string;
  readonly modified: Date;
  /** The media type, with its charset where that is known. */
  readonly type: string;
  /** The name it is saved under; any characters. */
  readonly name: string;
  readonly disposition: 'inline' | 'attachment';
  /** Fails when the content changes, instead of ending early or continuing with other bytes. */
  open(range: ByteRange, signal: AbortSignal): AsyncIterable<Uint8Array> | Readable;
}

export interface ServeOptions extends PourOptions {
  /** A Content-Security-Policy; by default nothing in the file can run or load. */
  readonly policy?: string | undefined;
  /** Without it a file has the same tag at every address. */
  readonly tagKey?: TagKey | undefined;
}

/** A file gets an origin of its own, and may run and load nothing. */
const SHUT_POLICY = "default-src 'none'; sandbox";

/**
 * Answers a GET or HEAD request with conditions and ranges as in RFC 9110, sections 13 and 14.
 *
 * A request for several ranges gets the whole, as section 14.2 allows. If the content cannot be
 * completed, the connection is closed before its length is reached, so that no client takes a part
 * for the whole.
 *
 * @returns when the reply is through, or the client has gone
 * @throws what `open` or its pieces fail with; the connection is closed then
 */
export async function serveRepresentation(
  request: IncomingMessage,
  response: ServerResponse,
  representation: Representation,
  options: ServeOptions = {},
): Promise<void> {
  const { size } = representation;
  const etag =
    options.tagKey === undefined
      ? representation.etag
      : keyedTag(options.tagKey, representation.etag);
  const validators = { etag, modified: writtenDate(representation.modified) };
  setHeaders(response, representation, validators, options.policy ?? SHUT_POLICY);
  const status = judgeConditions(request.headers, validators);
  if (status !== undefined) {
    endEmpty(response, status);
    return;
  }
  const range = rangeOf(request, size, validators);
  if (range === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`);
    endEmpty(response, 416);
    return;
  }
  if (range !== undefined) {
    response.statusCode = 206;
    response.setHeader('Content-Range', `bytes ${range.start}-${range.end - 1}/${size}`);
  }
  const wanted = range ?? { start: 0, end: size };
  response.setHeader('Content-Type', representation.type);
  response.setHeader('Content-Length', wanted.end - wanted.start);
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const open: OpenRange = (part, signal) => representation.open(part, signal);
  await pour(response, wanted, open, options);
}

function setHeaders(
  response: ServerResponse,
  { name, disposition }: Representation,
  { etag, modified }: Validators,
  policy: string,
): void {
  response.setHeader('Accept-Ranges', 'bytes');
  // A cached copy is to be revalidated: what is shared may change or end at any time.
  response.setHeader('Cache-Control', 'private, no-cache');
  response.setHeader('Content-Disposition', contentDisposition(name, { type: disposition }));
  response.setHeader('Content-Security-Policy', policy);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('ETag', etag);
  if (modified !== undefined) response.setHeader('Last-Modified', modified);
}

/** Undefined for a time in the future, which RFC 9110, section 8.8.2.1 forbids to send. */
function writtenDate(modified: Date): string | undefined {
  return modified.getTime() <= Date.now() ? modified.toUTCString() : undefined;
}

function rangeOf(
  { method, headers }: IncomingMessage,
  size: number,
  validators: Validators,
): ByteRange | 'unsatisfiable' | undefined {
  if (method !== 'GET' || headers.range === undefined) return undefined;
  if (!mayResume(headers, validators)) return undefined;
  return requestedRange(headers.range, size);
}

function endEmpty(response: ServerResponse, status: 304 | 412 | 416): void {
  response.statusCode = status;
  response.removeHeader('Content-Disposition');
  if (status !== 304) response.setHeader('Content-Length', 0);
  response.end();
}

/** Of SHA-256, in base64url: enough that two files never meet by chance. */
const TAG_CHARACTERS = 27;

/** The key that makes the entity tags of one onion address differ from those of any other. */
export type TagKey = Brand<Buffer, 'TagKey'>;

/** The same at every start, so that downloads can be resumed after one. */
export function deriveTagKey({ seed }: Identity): TagKey {
  // Derived for nothing else.
  return createHmac('sha256', seed).update('onionferry pages: entity tags').digest() as TagKey;
}

/** Without a key, equal tags would show that two addresses serve the same file of one machine. */
export function keyedTag(key: TagKey, etag: string): string {
  return etagOf(createHmac('sha256', key).update(etag).digest());
}

/**
 * What identifies the present content of a file, also after a restart.
 *
 * The device is left out: its number may change when the machine restarts.
 */
export function identityOf({ ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
}

/** Whether the file that had this identity is as it was, or only longer, like a log. */
export function isSameOrLonger(identity: string, { ino, size }: BigIntStats): boolean {
  const [inode, length = ''] = identity.split(' ', 2);
  return inode === String(ino) && size >= BigInt(length);
}

/** A strong tag (RFC 9110, section 8.8.3) that reveals none of these numbers. */
export function fileEtag(stats: BigIntStats): string {
  return etagOf(
    createHash('sha256')
      .update(`file ${identityOf(stats)}`)
      .digest(),
  );
}

/** A strong tag from a SHA-256 hash over what describes a representation down to its last byte. */
export function etagOf(sha256: Buffer): string {
  return `"${sha256.toString('base64url').slice(0, TAG_CHARACTERS)}"`;
}
