import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type Bytes, equalBytes, utf8 } from '../../base/bytes.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import type { NextNumbers } from '../../disk/commit.js';
import type { AskedNames } from '../../disk/names/local-folder.js';
import { FolderSync } from '../../disk/sync-folder.js';
import { circuitOf } from '../../onion-http/circuits.js';
import { ENCRYPTED_ENDING, type Encrypt } from './encryption.js';
import { InboxStaging } from './inbox-staging.js';
import type { Kinds } from './kinds.js';
import type { InboxLimits } from './limits.js';
import type { Claim, Quota } from './quota.js';
import { readForm } from './read-form.js';
import type { Retention } from './retention.js';
import { readStagedField, STAGED_FIELD, type StagedField } from './staged-field.js';
import type { StagedFile } from './staged-file.js';
import { TusRefusal } from './tus-headers.js';
import type { UnfinishedUploads } from './unfinished-uploads.js';
import type { UploadCheck } from './upload-check.js';
import { UploadRefusal } from './upload-refusal.js';
import { type SlotUse, UploadSlots } from './upload-slots.js';
import { UploadTree } from './upload-tree.js';
import { type StagedUpload, type Upload, UploadWriter } from './upload-writer.js';
import type { UploadsUnderWay } from './uploads-under-way.js';

/** Names whose next free number is remembered: some ten megabytes */
const NUMBERS_MAX = 50_000;

/** The owner's, in whatever language it was written */
const NOTE_NAME = 'note.txt';

export interface UploadsOptions {
  readonly directory: string;
  readonly limits: InboxLimits;
  readonly kinds?: Kinds | undefined;
  readonly takesNotes: boolean;
  /** What the folder's file system makes of names, if it takes fewer than the platform */
  readonly asked?: AskedNames | undefined;
  readonly quota: Quota;
  readonly unfinished: UnfinishedUploads;
  readonly underWay: UploadsUnderWay;
  readonly encrypt?: Encrypt | undefined;
  /** Looks at what is complete, before anybody else can see it. */
  readonly check?: UploadCheck | undefined;
  readonly retention?: Retention | undefined;
}

/** An upload that is in the inbox. */
export interface Received extends Upload {
  /** 32 hexadecimal digits, which nobody can guess */
  readonly id: string;
}

interface NamedFile {
  /** The name as sent */
  readonly sent: string;
  readonly file: StagedFile;
}

/** Saves uploads to a folder, each completely or not at all. */
export class Uploads {
  readonly quota: Quota;
  /** Part of our own form, where no other page can read it */
  readonly token: string = randomBytes(16).toString('hex');
  readonly #options: UploadsOptions;
  readonly #slots: UploadSlots;
  readonly #staging: InboxStaging;
  readonly #names: FolderSync;
  readonly #numbers: NextNumbers = new Map();
  readonly #running = new Map<Promise<Received>, AbortController>();
  #isClosed = false;

  constructor(options: UploadsOptions) {
    const { directory, limits, quota } = options;
    this.#options = options;
    this.quota = quota;
    this.#slots = new UploadSlots(limits.uploadsAtOnce, limits.waitMs);
    this.#staging = new InboxStaging(directory);
    this.#names = new FolderSync(directory);
  }

  /**
   * Receives an upload. If it fails, nothing is saved.
   *
   * @throws UploadRefusal to tell the sender; OnionferryError ERR_DESTINATION, ERR_PEER_GONE
   */
  async receive(request: IncomingMessage): Promise<Received> {
    const end = new AbortController();
    request.once('close', () => {
      if (!request.complete) end.abort(new OnionferryError('ERR_PEER_GONE', 'the sender left'));
    });
    const receiving = this.#receive(request, end.signal);
    this.#running.set(receiving, end);
    try {
      return await receiving;
    } finally {
      this.#running.delete(receiving);
    }
  }

  /**
   * Saves files that have arrived in other requests.
   *
   * @throws UploadRefusal; OnionferryError ERR_DESTINATION
   */
  async keep(files: readonly NamedFile[]): Promise<Received> {
    using claim = await this.quota.claim(undefined);
    await using writer = this.#writer(claim);
    return await this.#adopt(writer, files, claim);
  }

  /** @throws UploadRefusal if a file of this name would be refused */
  assertTaken(sent: string, bytes: number): void {
    const { limits, kinds, asked } = this.#options;
    // What is appended makes no name refused.
    new UploadTree(process.platform, kinds, asked).assign(sent);
    if (bytes > limits.bytesPerFile) {
      throw new UploadRefusal({ kind: 'file-too-large', name: sent, limit: limits.bytesPerFile });
    }
  }

  /** Writes when it is its turn. @throws UploadRefusal busy; the signal's reason */
  async inTurn<T>(write: () => Promise<T>, use: SlotUse): Promise<T> {
    return await this.#slots.within(write, use);
  }

  /** Aborts running uploads and removes what they have written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const closed = new OnionferryError('ERR_INTERRUPTED', 'the inbox was closed');
    for (const end of this.#running.values()) end.abort(closed);
    await Promise.allSettled(this.#running.keys());
  }

  async #receive(request: IncomingMessage, signal: AbortSignal): Promise<Received> {
    if (this.#isClosed) throw new OnionferryError('ERR_INTERRUPTED', 'the inbox was closed');
    if (originOf(request) === 'foreign-page') throw new UploadRefusal({ kind: 'foreign-page' });
    try {
      return await this.#slots.within(() => this.#take(request, signal), {
        ...{ signal, circuit: circuitOf(request) },
        giveUp: () => request.socket.destroy(),
      });
    } catch (error) {
      throw hasCode(error, 'ERR_DISK_FULL') ? new UploadRefusal({ kind: 'disk-full' }) : error;
    }
  }

  async #take(request: IncomingMessage, signal: AbortSignal): Promise<Received> {
    using claim = await this.quota.claim(lengthOf(request));
    await using writer = this.#writer(claim);
    const staged = await this.#read(request, writer, signal);
    try {
      return await this.#options.unfinished.take(staged, async (files) => {
        const named = files.map((file, index) => ({ sent: staged[index]?.name ?? '', file }));
        return await this.#adopt(writer, named, claim, signal);
      });
    } catch (error) {
      throw error instanceof TusRefusal ? new UploadRefusal({ kind: 'broken-form' }) : error;
    }
  }

  #writer(claim: Claim): UploadWriter {
    const { limits, kinds, asked, encrypt } = this.#options;
    const ending = encrypt === undefined ? '' : ENCRYPTED_ENDING;
    const tree = new UploadTree(process.platform, kinds, asked, ending);
    const { bytesPerFile } = limits;
    return new UploadWriter({ staging: this.#staging, tree, claim, bytesPerFile, encrypt });
  }

  /** Saves what was written, and these. */
  async #adopt(
    writer: UploadWriter,
    files: readonly NamedFile[],
    claim: Claim,
    signal?: AbortSignal,
  ): Promise<Received> {
    const { directory, check, retention } = this.#options;
    const id = randomBytes(16).toString('hex');
    let upload: Upload;
    try {
      for (const { sent, file } of files) await writer.adopt(sent, file);
      if (writer.isEmpty) throw new UploadRefusal({ kind: 'empty-form' });
      upload = await writer.finish({
        ...{ directory, numbers: this.#numbers },
        check: async (staged: StagedUpload) => await check?.look(id, staged, signal),
        note: async (named) => await retention?.note(named),
        syncNames: () => this.#names.sync(),
      });
    } catch (error) {
      await writer.giveBack();
      throw error;
    }
    claim.keep();
    if (this.#numbers.size > NUMBERS_MAX) this.#numbers.clear();
    return { ...upload, id };
  }

  /** @returns the files that were sent ahead of it */
  async #read(
    request: IncomingMessage,
    writer: UploadWriter,
    signal: AbortSignal,
  ): Promise<StagedField[]> {
    let isOurs = originOf(request) === 'own-page';
    const assertOurs = (): void => {
      if (!isOurs) throw new UploadRefusal({ kind: 'foreign-page' });
    };
    const staged: StagedField[] = [];
    const since = performance.now();
    let bytes = 0;
    for await (const part of readForm(request, this.#options.limits, signal)) {
      if (part.kind === 'field' && part.name === 'token') {
        isOurs ||= equalBytes(utf8(part.value), utf8(this.token));
      } else if (part.kind === 'field' && part.name === STAGED_FIELD) {
        assertOurs();
        staged.push(readStagedField(part.value));
      } else if (part.kind === 'field') {
        assertOurs();
        await this.#addNote(part, writer);
      } else if (part.name === '') {
        // Browsers send an empty part for a field without a file.
        for await (const chunk of part.content) {
          if ((chunk as Buffer).length > 0) throw new UploadRefusal({ kind: 'broken-form' });
        }
      } else {
        assertOurs();
        // Bytes from a socket are never in shared memory.
        const content = counted(part.content as AsyncIterable<Bytes>, (length) => {
          bytes += length;
        });
        const watched = {
          ...{ name: part.name, total: lengthOf(request) ?? null },
          ...{ bytes: () => bytes, isWhole: () => request.complete },
        };
        await writer.add(part.name, this.#options.underWay.watch(content, watched, since));
      }
    }
    assertOurs();
    return staged;
  }

  async #addNote(
    { name, value }: { readonly name: string; readonly value: string },
    writer: UploadWriter,
  ): Promise<void> {
    if (name !== 'note' || !this.#options.takesNotes) {
      throw new UploadRefusal({ kind: 'broken-form' });
    }
    if (value.trim() === '') return;
    // Forms send every line break as CRLF.
    const note = utf8(value.replaceAll('\r\n', '\n'));
    await writer.addNote(NOTE_NAME, note);
  }
}

async function* counted(
  content: AsyncIterable<Bytes>,
  count: (length: number) => void,
): AsyncGenerator<Bytes, void, undefined> {
  for await (const piece of content) {
    count(piece.length);
    yield piece;
  }
}

function lengthOf({ headers }: IncomingMessage): number | undefined {
  const length = headers['content-length'];
  // Node refuses requests with an invalid length.
  return length === undefined ? undefined : Number(length);
}

/** The page that sent a form; if `unknown`, the form's token decides. */
type Origin = 'own-page' | 'foreign-page' | 'unknown';

/**
 * Whether a form was sent by a page of this address. A browser adds Basic auth to requests from any
 * page, but it tells truthfully which page they come from.
 */
export function originOf({ headers }: IncomingMessage): Origin {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' ? 'own-page' : 'foreign-page';
  const { origin, host } = headers;
  // Not a browser: all browsers of recent years send an origin with POST.
  if (origin === undefined) return 'own-page';
  // Firefox, for a form on any page with Referrer-Policy: no-referrer, such as ours.
  if (origin === 'null') return 'unknown';
  return host !== undefined && origin === `http://${host}` ? 'own-page' : 'foreign-page';
}
