import * as v from 'valibot';
import { toBase64, utf8 } from '../../base/bytes.js';
import type { Range } from '../../stream/ranges.js';
import { UploadFailure } from './upload-failure.js';

const PATH = '/uploads';
/** Where it tells which siblings are online */
export const SIBLINGS_PATH: string = `${PATH}/siblings`;
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const UPLOAD = v.object({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  missing: v.pipe(v.array(v.tuple([count, count])), v.maxLength(10_000)),
});

/** An upload as the inbox knows it. */
export interface RemoteUpload {
  readonly id: string;
  readonly missing: readonly Range[];
}

/** Statuses after which the same request may fare better. */
const PASSING = [408, 425, 429, 500, 502, 503, 504];

/** What the page asks of its own address; uploads are those of tus 1.0.0. */
export class InboxClient {
  /** Begins an upload, or finds the one that this file was sent to before. */
  async begin(file: File, fingerprint: string, signal: AbortSignal): Promise<RemoteUpload> {
    const entries = { filename: file.webkitRelativePath || file.name, fingerprint };
    const metadata = Object.entries(entries).map(
      ([name, text]) => `${name} ${toBase64(utf8(text))}`,
    );
    const response = await fetch(PATH, {
      method: 'POST',
      headers: {
        'Tus-Resumable': '1.0.0',
        'Upload-Length': String(file.size),
        'Upload-Metadata': metadata.join(','),
      },
      ...{ cache: 'no-store', signal },
    });
    await assertTaken(response);
    return v.parse(UPLOAD, await response.json());
  }

  async remove(id: string): Promise<void> {
    const headers = { 'Tus-Resumable': '1.0.0' };
    await fetch(`${PATH}/${id}`, { method: 'DELETE', headers, keepalive: true });
  }
}

/** An address that pieces are sent to; undefined is the page's own. */
export type Target = string | undefined;

/** @throws UploadFailure if it is no use to try again; another error if it may be */
export async function sendPiece(
  target: Target,
  { id, at, content }: { readonly id: string; readonly at: number; readonly content: Blob },
  signal: AbortSignal,
): Promise<void> {
  const isOwn = target === undefined;
  const response = await fetch(isOwn ? `${PATH}/${id}?at=${at}` : `${target}/${id}?at=${at}`, {
    // Without a content type, which a slice has not, this needs no preflight.
    method: 'POST',
    body: content,
    mode: isOwn ? 'same-origin' : 'cors',
    credentials: isOwn ? 'same-origin' : 'omit',
    ...{ cache: 'no-store', signal },
  });
  await assertTaken(response, isOwn);
  await response.arrayBuffer();
}

/** @param isOwn whether what it says is said by the inbox itself, and final */
async function assertTaken(response: Response, isOwn = true): Promise<void> {
  if (response.ok) return;
  if (!isOwn || PASSING.includes(response.status)) {
    throw new Error(`the reply has the status ${response.status}`);
  }
  const [title = '', sentence] = (await response.text()).slice(0, 4000).split('\n');
  const isForPeople = sentence !== undefined && sentence !== '' && !title.startsWith('<');
  throw new UploadFailure(
    response.status === 404 ? 'lost' : 'refused',
    isForPeople ? [title, sentence] : undefined,
  );
}
