import { type Bytes, fromBase64, fromUtf8 } from '../../base/bytes.js';

/** The version of the protocol, in Tus-Resumable (tus 1.0.0, https://tus.io/protocols/resumable-upload). */
export const TUS_VERSION = '1.0.0';
export const TUS_EXTENSIONS =
  'creation,creation-with-upload,termination,expiration,checksum,concatenation';
export const CONTENT_TYPE = 'application/offset+octet-stream';

const CHECKSUMS = ['sha1', 'sha256', 'sha512'] as const;
export const CHECKSUM_ALGORITHMS: string = CHECKSUMS.join(',');

/** Room for the longest name, in base64, and some more */
const METADATA_MAX_CHARACTERS = 6 * 1024;
/** Partial uploads in one final upload; their paths have to fit into a header. */
export const PARTS_MAX = 128;
const ID = /^[0-9a-f]{32}$/;

/** Why a request of the protocol is answered with an error. The sentence is for whoever wrote the client. */
export class TusRefusal extends Error {
  override readonly name: string = 'TusRefusal';
  readonly status: number;

  constructor(status: number, sentence: string) {
    super(sentence);
    this.status = status;
  }
}

export function isUploadId(text: string): boolean {
  return ID.test(text);
}

/** A length or an offset. @throws TusRefusal 400 */
export function readCount(name: string, text: string | undefined): number {
  const count = text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count)) throw new TusRefusal(400, `${name} must be a number of bytes`);
  return count;
}

/** Upload-Metadata: names, each with text in base64. @throws TusRefusal 400 */
export function readMetadata(header: string): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  if (header.trim() === '') return metadata;
  if (header.length > METADATA_MAX_CHARACTERS) throw malformed();
  for (const pair of header.split(',')) {
    const [name = '', value = '', ...more] = pair.trim().split(' ');
    if (!/^[\x21-\x7e]+$/.test(name) || more.length > 0 || metadata.has(name)) throw malformed();
    metadata.set(name, textOf(value));
  }
  return metadata;
}

function textOf(value: string): string {
  const bytes = fromBase64(value);
  if (bytes === undefined) throw malformed();
  try {
    return fromUtf8(bytes);
  } catch {
    throw malformed();
  }
}

function malformed(): TusRefusal {
  return new TusRefusal(400, 'Upload-Metadata must be pairs of a name and UTF-8 text in base64');
}

export interface Checksum {
  readonly algorithm: string;
  readonly digest: Bytes;
}

/** Upload-Checksum. @throws TusRefusal 400 */
export function readChecksum(header: string | undefined): Checksum | undefined {
  if (header === undefined) return undefined;
  const [algorithm = '', value = ''] = header.split(' ', 2);
  const digest = value.length > 200 ? undefined : fromBase64(value);
  if (!CHECKSUMS.some((known) => known === algorithm) || digest === undefined) {
    throw new TusRefusal(400, `Upload-Checksum must be one of ${CHECKSUM_ALGORITHMS}, and base64`);
  }
  return { algorithm, digest };
}

/** What an upload is by Upload-Concat: a part of another, or made of these parts. */
export type Concat = 'partial' | { readonly parts: readonly string[] } | undefined;

/** @param base the path before ids. @throws TusRefusal 400 */
export function readConcat(header: string | undefined, base: string): Concat {
  if (header === undefined || header === 'partial') return header;
  const [kind, list = ''] = header.split(';', 2);
  const parts = list
    .trim()
    .split(/ +/)
    .map((url) => idIn(url, base));
  const isWhole = parts.length > 0 && parts.length <= PARTS_MAX;
  if (kind !== 'final' || !isWhole || new Set(parts).size < parts.length) {
    throw new TusRefusal(400, 'Upload-Concat must be partial, or final and the parts');
  }
  return { parts };
}

/** The id in a path, or in a whole URL as some clients write it. */
function idIn(url: string, base: string): string {
  const path = url.replace(/^https?:\/\/[^/]+/, '');
  const id = path.startsWith(base) ? path.slice(base.length) : '';
  if (!isUploadId(id))
    throw new TusRefusal(400, 'Upload-Concat names something else than an upload');
  return id;
}
