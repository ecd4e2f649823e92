import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { Busboy, type BusboyInstance } from '@fastify/busboy';
import { OnionferryError } from '../../base/errors.js';
import {
  FORM_OVERHEAD_BYTES,
  type InboxLimits,
  PART_HEADER_MAX_BYTES,
  STAGED_MAX,
} from './limits.js';
import { UploadRefusal } from './upload-refusal.js';

/** Besides files, the form has the token, the note, and a field for each file that was sent ahead. */
const FIELDS_MAX = 2 + STAGED_MAX;
/** Browsers send two per part. */
const HEADERS_MAX = 16;

export type FormPart =
  | { readonly kind: 'field'; readonly name: string; readonly value: string }
  /** `name` may be a path with '/'. The content must be read before the next part is requested. */
  | { readonly kind: 'file'; readonly name: string; readonly content: Readable };

/**
 * Reads a form as it arrives (multipart/form-data, RFC 7578). What is not consumed is read and
 * discarded, so that the sender gets to read the response.
 *
 * @throws UploadRefusal broken-form, too-many-files, note-too-long, upload-too-large
 * @throws the signal's reason; it must abort when the sender leaves
 */
export async function* readForm(
  request: IncomingMessage,
  limits: InboxLimits,
  signal: AbortSignal,
): AsyncGenerator<FormPart, void, undefined> {
  const form = parserFor(request, limits);
  const contents = new Set<Readable>();
  const parts = new Readable({ objectMode: true, read: () => undefined });
  const fail = (error: Error): void => {
    for (const content of contents) content.destroy(error);
    parts.destroy(error);
  };
  const refuse = (kind: 'broken-form'): void => fail(new UploadRefusal({ kind }));
  const { filesPerUpload, noteBytes, bytesPerUpload } = limits;

  form.on('file', (_field, content, name) => {
    contents.add(content);
    content.on('error', () => undefined).once('close', () => contents.delete(content));
    // How browsers encode a quotation mark (HTML, "multipart/form-data encoding algorithm").
    const sent = name.replaceAll('%22', '"');
    parts.push({ kind: 'file', name: sent, content } satisfies FormPart);
  });
  form.on('field', (name, value, _nameIsCut, valueIsCut) => {
    if (valueIsCut) fail(new UploadRefusal({ kind: 'note-too-long', limit: noteBytes }));
    else parts.push({ kind: 'field', name, value } satisfies FormPart);
  });
  form.on('filesLimit', () => {
    fail(new UploadRefusal({ kind: 'too-many-files', limit: filesPerUpload }));
  });
  form.on('fieldsLimit', () => refuse('broken-form'));
  form.on('error', () => refuse('broken-form'));
  form.on('finish', () => parts.push(null));

  let received = 0;
  request.on('data', (chunk: Buffer) => {
    received += chunk.length;
    if (received > bytesPerUpload + FORM_OVERHEAD_BYTES) {
      fail(new UploadRefusal({ kind: 'upload-too-large', limit: bytesPerUpload }));
    }
  });
  const stop = (): void => fail(reasonOf(signal));
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  // The signal reports it.
  request.on('error', () => undefined);
  request.pipe(form);

  try {
    // Contains only what is pushed above.
    for await (const part of parts as AsyncIterable<FormPart>) yield part;
  } finally {
    signal.removeEventListener('abort', stop);
    request.unpipe(form);
    fail(new OnionferryError('ERR_INTERRUPTED', 'the form is not read any further'));
    request.resume();
  }
}

function reasonOf(signal: AbortSignal): Error {
  return signal.reason as Error; // all signals here abort with errors
}

function parserFor({ headers }: IncomingMessage, limits: InboxLimits): BusboyInstance {
  const type = headers['content-type'] ?? '';
  try {
    if (!/^multipart\/form-data\b/i.test(type)) throw new Error('another type');
    return new Busboy({
      headers: { ...headers, 'content-type': type },
      preservePath: true,
      // By default, a part without a file name may count as a file because of its type.
      isPartAFile: (_field, _type, name) => name !== undefined,
      limits: {
        fields: FIELDS_MAX,
        fieldSize: limits.noteBytes,
        files: limits.filesPerUpload,
        headerPairs: HEADERS_MAX,
        headerSize: PART_HEADER_MAX_BYTES,
      },
    });
  } catch {
    throw new UploadRefusal({ kind: 'broken-form' });
  }
}
