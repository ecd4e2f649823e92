import type { IncomingMessage, ServerResponse } from 'node:http';
import express, { type Request, type Response, type Router } from 'express';
import type { Bytes } from '../../base/bytes.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import { circuitOf } from '../../onion-http/circuits.js';
import type { Words } from '../words/words.js';
import { wordsFor } from '../words/words-for.js';
import { concatenate, partsOf } from './concatenate.js';
import type { InboxLimits } from './limits.js';
import { refusalText } from './refused-page.js';
import {
  CHECKSUM_ALGORITHMS,
  CONTENT_TYPE,
  readChecksum,
  readConcat,
  readCount,
  readMetadata,
  TUS_EXTENSIONS,
  TUS_VERSION,
  TusRefusal,
} from './tus-headers.js';
import type { UnfinishedUpload } from './unfinished-upload.js';
import { idOf, isWhole, type NewUpload, type UnfinishedUploads } from './unfinished-uploads.js';
import { UploadRefusal } from './upload-refusal.js';
import { originOf, type Received, type Uploads } from './uploads.js';
import type { UploadsUnderWay } from './uploads-under-way.js';

/** Where uploads are made; each is below it. */
export const UPLOADS_PATH = '/uploads';
const BASE = `${UPLOADS_PATH}/`;
const METHODS = ['HEAD', 'PATCH', 'DELETE'] as const;

export interface TusOptions {
  readonly uploads: Uploads;
  readonly unfinished: UnfinishedUploads;
  readonly underWay: UploadsUnderWay;
  readonly limits: InboxLimits;
  /** What a file is called whose client gives no name */
  readonly nameless: string;
  readonly onSaved: (upload: Received) => void;
}

/** Uploads by tus 1.0.0, and the ranges that our own page sends. */
export class TusUploads {
  readonly #options: TusOptions;
  /** Of those that are being moved to the inbox */
  readonly #finishing = new Map<string, Promise<void>>();
  readonly #began = new WeakMap<UnfinishedUpload, number>();
  /** By their Upload-Concat */
  readonly #joining = new Map<string, Promise<string>>();

  constructor(options: TusOptions) {
    this.#options = options;
  }

  /** For the pages' own address, behind its access check. */
  routes(): Router {
    const routes = express.Router({ caseSensitive: true, strict: true });
    routes.all([UPLOADS_PATH, `${BASE}:id`], async (request, response) => {
      response.set('Tus-Resumable', TUS_VERSION);
      try {
        await this.#answer(request, response);
      } catch (error) {
        refuse(response, error);
      } finally {
        // What was not read, so that the client gets to read the reply.
        request.resume();
      }
    });
    return routes;
  }

  /**
   * Writes a range that our page sends, to any of its addresses. An upload's id is known only to
   * those who have the password, so siblings ask for nothing else.
   *
   * @throws TusRefusal; UploadRefusal; OnionferryError
   */
  async takeRange(request: IncomingMessage, id: string, at: string | null): Promise<object> {
    const upload = this.#find(id);
    const start = readCount('at', at ?? undefined);
    const end = await this.#write(request, upload, start);
    return { end, missing: upload.missing.length > 0 };
  }

  /** Whether somebody who knows no password may write to it. */
  isOpen(id: string): boolean {
    return this.#options.unfinished.find(id) !== undefined;
  }

  /** The circuit that it was begun through, where it is known: siblings know none. */
  holderOf(id: string): number | undefined {
    return this.#options.unfinished.circuitOf(id);
  }

  async #answer(request: Request, response: Response): Promise<void> {
    const id = request.params['id'];
    const method = request.get('x-http-method-override')?.toUpperCase() ?? request.method;
    if (method === 'OPTIONS') {
      this.#describe(response);
      return;
    }
    if (originOf(request) === 'foreign-page') throw new UploadRefusal({ kind: 'foreign-page' });
    const { at } = request.query;
    if (method === 'POST' && typeof id === 'string' && typeof at === 'string') {
      response.json(await this.takeRange(request, idOf(id), at));
      return;
    }
    if (method === 'GET' && typeof id === 'string') {
      const upload = this.#find(idOf(id));
      response.json({ id: upload.id, missing: upload.missing });
      return;
    }
    if (request.get('tus-resumable') !== TUS_VERSION) {
      response.set('Tus-Version', TUS_VERSION);
      throw new TusRefusal(412, `only tus ${TUS_VERSION} is spoken here`);
    }
    if (typeof id !== 'string' && method === 'POST') await this.#create(request, response);
    else if (typeof id === 'string' && method === 'HEAD') await this.#tell(response, idOf(id));
    else if (typeof id === 'string' && method === 'PATCH')
      await this.#patch(request, response, idOf(id));
    else if (typeof id === 'string' && method === 'DELETE') await this.#remove(response, idOf(id));
    else {
      response.set('Allow', typeof id === 'string' ? METHODS.join(', ') : 'POST, OPTIONS');
      throw new TusRefusal(405, 'this method is not known here');
    }
  }

  #describe(response: Response): void {
    const { bytesPerFile, bytesPerUpload } = this.#options.limits;
    const max = Math.min(bytesPerFile, bytesPerUpload);
    response.set({
      'Tus-Version': TUS_VERSION,
      'Tus-Extension': TUS_EXTENSIONS,
      'Tus-Checksum-Algorithm': CHECKSUM_ALGORITHMS,
    });
    if (Number.isFinite(max)) response.set('Tus-Max-Size', String(max));
    response.status(204).end();
  }

  async #create(request: Request, response: Response): Promise<void> {
    const { uploads, unfinished, limits } = this.#options;
    const concat = readConcat(request.get('upload-concat'), BASE);
    const metadata = request.get('upload-metadata') ?? '';
    if (typeof concat === 'object') {
      const id = await this.#concatenate(concat.parts, metadata);
      response.set('Location', `${BASE}${id}`).status(201).end();
      return;
    }
    const readable = readMetadata(metadata);
    const length = readCount('Upload-Length', request.get('upload-length'));
    if (concat === undefined) uploads.assertTaken(this.#nameIn(readable), length);
    else if (length > limits.bytesPerFile) throw new TusRefusal(413, 'the part is too large');
    const wanted: NewUpload = {
      ...{ length, metadata, isPartial: concat === 'partial' },
      fingerprint: readable.get('fingerprint'),
      circuit: circuitOf(request),
    };
    const upload = unfinished.findAgain(wanted) ?? (await unfinished.begin(wanted));
    response.set('Location', `${BASE}${upload.id}`);
    if (request.get('content-type') === CONTENT_TYPE) await this.#write(request, upload, 0);
    this.#setState(response, upload);
    await this.#finishIfWhole(upload);
    response.status(201).json({ id: upload.id, missing: upload.missing });
  }

  async #tell(response: Response, id: string): Promise<void> {
    // A client that hears of the last byte takes it for saved.
    const unsaved = this.#options.unfinished.find(id);
    if (unsaved !== undefined) await this.#finishIfWhole(unsaved);
    const done = this.#options.unfinished.done(id);
    if (done !== undefined) {
      response.set({ 'Upload-Offset': String(done.length), 'Upload-Length': String(done.length) });
      if (done.concat !== undefined) response.set('Upload-Concat', done.concat);
    } else {
      this.#setState(response, this.#find(id));
    }
    response.status(200).end();
  }

  async #patch(request: Request, response: Response, id: string): Promise<void> {
    const { unfinished } = this.#options;
    if (unfinished.done(id)?.concat !== undefined) {
      throw new TusRefusal(403, 'a final upload takes nothing more');
    }
    const upload = this.#find(id);
    if (request.get('content-type') !== CONTENT_TYPE) {
      throw new TusRefusal(415, `the content must be ${CONTENT_TYPE}`);
    }
    const offset = readCount('Upload-Offset', request.get('upload-offset'));
    // Of a client whose circuit has died: it is back before its old request has ended.
    await upload.stopWriting();
    if (offset !== upload.offset) throw new TusRefusal(409, `the offset is ${upload.offset}`);
    await this.#write(request, upload, offset);
    this.#setState(response, upload);
    await this.#finishIfWhole(upload);
    response.status(204).end();
  }

  async #remove(response: Response, id: string): Promise<void> {
    if (this.#find(id).isHeld) throw new TusRefusal(409, 'the upload is being saved');
    await this.#options.unfinished.remove(id);
    response.status(204).end();
  }

  /** @returns the id of the whole; the same for a client that asks again */
  async #concatenate(ids: readonly string[], metadata: string): Promise<string> {
    const concat = `final;${ids.map((id) => `${BASE}${id}`).join(' ')}`;
    const known = this.#options.unfinished.doneAs(concat) ?? this.#joining.get(concat);
    if (known !== undefined) return await known;
    const joining = this.#join(ids, metadata, concat).finally(() => this.#joining.delete(concat));
    this.#joining.set(concat, joining);
    return await joining;
  }

  async #join(ids: readonly string[], metadata: string, concat: string): Promise<string> {
    const { unfinished, uploads } = this.#options;
    const parts = partsOf(ids, unfinished);
    const { first, others } = parts;
    const length = others.reduce((sum, part) => sum + part.length, first.length);
    const name = this.#nameIn(readMetadata(metadata));
    uploads.assertTaken(name, length);
    await concatenate(parts, unfinished);
    await this.#finish(first.id, name, concat);
    return first.id;
  }

  async #write(request: IncomingMessage, upload: UnfinishedUpload, at: number): Promise<number> {
    const announced = Number(request.headers['content-length'] ?? 0);
    if (at + announced > upload.length) {
      throw new TusRefusal(413, 'there is more of it than was announced');
    }
    const gone = new AbortController();
    request.once('close', () => {
      if (!request.complete) gone.abort(new OnionferryError('ERR_PEER_GONE', 'the sender left'));
    });
    const { headers } = request;
    const checksum = readChecksum(header(headers['upload-checksum']));
    // Bytes from a socket are never in shared memory. Ending early must leave the socket to the reply.
    const pieces = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Bytes>;
    const content = this.#options.underWay.watch(
      pieces,
      {
        name: this.#nameIn(upload.metadata),
        total: upload.length,
        bytes: () => upload.arrived,
        isWhole: () => upload.isComplete,
      },
      this.#beganAt(upload),
    );
    const stop = (): void => void request.destroy();
    return await this.#options.uploads.inTurn(() => upload.write({ at, content, stop, checksum }), {
      ...{ signal: gone.signal, circuit: this.holderOf(upload.id) },
      giveUp: () => request.socket.destroy(),
    });
  }

  /** Saves what an earlier process has received whole, and was killed before it could. Never throws. @param signal ends it before the next one */
  async finishLeft(signal: AbortSignal): Promise<void> {
    for (const upload of this.#options.unfinished.whole()) {
      if (signal.aborted) return;
      // Its client is told when it asks, and may have it tried again.
      await this.#finishIfWhole(upload).catch(() => undefined);
    }
  }

  /** Moves it to the inbox, unless it is a part, or waits for a form. */
  async #finishIfWhole(upload: UnfinishedUpload): Promise<void> {
    if (isWhole(upload)) await this.#finish(upload.id, this.#nameIn(upload.metadata));
  }

  async #finish(id: string, name: string, concat?: string): Promise<void> {
    const { unfinished, uploads, onSaved } = this.#options;
    const before = this.#finishing.get(id);
    if (before !== undefined) {
      await before;
      return;
    }
    const wanted = { id, ...(concat !== undefined && { concat }) };
    const finishing = unfinished
      .take([wanted], (files) => uploads.keep(files.map((file) => ({ sent: name, file }))))
      .then(onSaved)
      .finally(() => this.#finishing.delete(id));
    this.#finishing.set(id, finishing);
    await finishing;
  }

  /** In this process: pieces of it come in requests of their own. */
  #beganAt(upload: UnfinishedUpload): number {
    const before = this.#began.get(upload);
    if (before !== undefined) return before;
    const now = performance.now();
    this.#began.set(upload, now);
    return now;
  }

  #find(id: string): UnfinishedUpload {
    const upload = this.#options.unfinished.find(id);
    if (upload === undefined) throw new TusRefusal(404, 'there is no such upload');
    return upload;
  }

  #nameIn(metadata: ReadonlyMap<string, string>): string {
    return metadata.get('filename') ?? metadata.get('name') ?? this.#options.nameless;
  }

  #setState(response: Response, upload: UnfinishedUpload): void {
    const { offset, length, expires, isPartial } = upload;
    response.set({
      'Upload-Offset': String(offset),
      'Upload-Length': String(length),
      'Upload-Expires': new Date(expires).toUTCString(),
    });
    if (isPartial) response.set('Upload-Concat', 'partial');
  }
}

function header(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Says why, in two lines: a title and a sentence. @throws errors that are not the client's matter */
export function refuse(response: ServerResponse, error: unknown): void {
  const { status, text } = textOf(error, wordsFor(response.req));
  if (response.headersSent) return;
  response.statusCode = status;
  response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.end(text);
}

function textOf(error: unknown, words: Words): { status: number; text: string } {
  const known = hasCode(error, 'ERR_DISK_FULL') ? new UploadRefusal({ kind: 'disk-full' }) : error;
  if (known instanceof UploadRefusal) {
    const { title, sentence } = refusalText(known.reason, words);
    return { status: known.status, text: `${title}\n${sentence}` };
  }
  if (known instanceof TusRefusal) {
    return { status: known.status, text: `${known.message}\n` };
  }
  throw error;
}
