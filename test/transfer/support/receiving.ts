import { randomBytes } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bytes } from '../../../src/base/bytes.js';
import { toBase64Url } from '../../../src/base/bytes.js';
import { isResumable } from '../../../src/base/errors.js';
import { silentLogger } from '../../../src/base/logger.js';
import type { Conflict } from '../../../src/disk/commit.js';
import { createIdentity } from '../../../src/onion/identity.js';
import type { ReceivedFile, ReceivedFiles } from '../../../src/session/receiving/destination.js';
import { ContentLayout, type Placement } from '../../../src/stream/content-layout.js';
import { FRAME_CONTENT_BYTES } from '../../../src/stream/frame.js';
import { deriveJournalKey } from '../../../src/stream/journal.js';
import type { Entry, Manifest } from '../../../src/stream/manifest.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import type { FolderDestination } from '../../../src/transfer/destination/folder-destination.js';
import type { HeldRecord } from '../../../src/transfer/record/held-record.js';
import type { RecipientRecord } from '../../../src/transfer/record/record.js';
import { openRecords } from '../../../src/transfer/record/records.js';
import type { FileCall } from '../../support/file-calls.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

const meta = { mode: 0o640, mtime: 1_000_000_000_000 };
const folder = (path: string): Entry => ({ type: 'folder', path: path.split('/'), ...meta });
const file = (path: string, size: number): Entry => ({
  type: 'file',
  path: path.split('/'),
  size,
  ...meta,
});

/** A folder, in which a file of several chunks, small ones and an empty one, and a file beside it. */
export const MANIFEST: Manifest = {
  kind: 'files',
  entries: [
    folder('d'),
    file('d/big', 2 * FRAME_CONTENT_BYTES + 5),
    file('d/small', 100),
    folder('d/sub'),
    file('d/sub/none', 0),
    file('solo', 70_000),
  ],
};
export const NAMES: readonly string[] = ['d/big', 'd/small', 'd/sub/none', 'solo'];

/** Where all of them come from: making a key takes longer than carrying what is in them. */
const ONION = createIdentity().address;

/** The same, with another name of a file, and a link. */
export const LINKED: Manifest = {
  kind: 'files',
  entries: [
    ...MANIFEST.entries,
    { type: 'hardlink', path: ['d', 'other'], file: 1 },
    { type: 'link', path: ['d', 'to'], target: 'small' },
  ],
};

/** So many small files, and what is in them: the same in each process. */
export function manySmall(count: number): { manifest: Manifest; content: Bytes } {
  const entries = Array.from({ length: count }, (_, i) => file(`f${i}`, 10));
  const content = new Uint8Array(10 * count).map((_, i) => (i * 31) % 251);
  return { manifest: { kind: 'files', entries }, content };
}

/** How one process ended. */
export interface Run {
  /** Undefined if it has everything. */
  readonly error: unknown;
  readonly received: ReceivedFiles | undefined;
  /** Bytes that it was sent. */
  readonly brought: number;
  /** Bytes that it knew to have when it ended. */
  readonly had: number;
}

export interface ReceivingOptions {
  readonly manifest?: Manifest;
  readonly conflict?: Conflict;
  readonly directory?: string;
  readonly dataDir?: string;
  /** Random unless told. */
  readonly content?: Bytes;
}

/**
 * One recipient's part of a transfer, as `receive` carries it out with record, destination and
 * journal; each `run` is a process of its own, which resumes what an earlier one has left.
 */
export class Receiving {
  readonly manifest: Manifest;
  readonly content: Bytes;
  readonly directory: string;
  readonly dataDir: string;
  readonly #conflict: Conflict;
  readonly #resumption = new Uint8Array(32).fill(9);

  private constructor(options: ReceivingOptions, directory: string, dataDir: string) {
    this.manifest = options.manifest ?? MANIFEST;
    this.#conflict = options.conflict ?? 'rename';
    this.directory = directory;
    this.dataDir = dataDir;
    const { end } = new ContentLayout(this.manifest);
    this.content = options.content ?? new Uint8Array(randomBytes(end));
  }

  static async prepare(options: ReceivingOptions = {}): Promise<Receiving> {
    const directory = options.directory ?? (await temporaryDirectory());
    return new Receiving(options, directory, options.dataDir ?? (await temporaryDirectory()));
  }

  async run(): Promise<Run> {
    const records = await openRecords(this.dataDir, silentLogger).catch((error: unknown) => error);
    if (!('find' in Object(records))) return failed(records);
    return await this.#run(records as Awaited<ReturnType<typeof openRecords>>);
  }

  async #run(records: Awaited<ReturnType<typeof openRecords>>): Promise<Run> {
    let brought = 0;
    let destination: FolderDestination | undefined;
    let record: HeldRecord<RecipientRecord> | undefined;
    let isKept = true;
    try {
      record = await records.find('recipient');
      const onCommitted = async (complete: ReceivedFiles): Promise<void> =>
        await record?.update({ complete }).catch(() => undefined);
      const { directory, manifest } = this;
      const key = deriveJournalKey(this.#resumption);
      const common = { directory, manifest, conflict: this.#conflict };
      if (record === undefined) {
        await using reserved = await records.reserve({ manifest, identities: new Map() });
        const resume = { journal: reserved.journal, key, onCommitted };
        destination = await openDestination({ ...common, resume });
        try {
          record = await reserved.create<RecipientRecord>(this.#fields(destination));
        } catch (error) {
          await destination.discard();
          throw error;
        }
      } else if (record.record.complete === undefined) {
        const { staging } = record.record;
        const resume = { journal: record.journal, key, staging, onCommitted };
        destination = await openDestination({ ...common, resume });
      } else {
        isKept = false;
        const { complete: received } = record.record;
        return { error: undefined, received, brought, had: this.content.length };
      }
      const opened = destination;
      const bring = async (start: number, end: number): Promise<void> => {
        for (let at = start; at < end; at += FRAME_CONTENT_BYTES) {
          const chunk = this.content.subarray(at, Math.min(at + FRAME_CONTENT_BYTES, end));
          await opened.write(at, chunk);
          brought += chunk.length;
        }
      };
      const mending: Promise<void>[] = [];
      opened.verify((start, end) => void mending.push(bring(start, end)));
      for (const [start, end] of [...opened.written.missingWithin(0, this.content.length)]) {
        await bring(start, end);
      }
      while (opened.written.bytes < this.content.length) await Promise.all(mending);
      const received = await opened.finish(this.content.length);
      isKept = false;
      return { error: undefined, received, brought, had: this.content.length };
    } catch (error) {
      const had = destination?.written.bytes ?? 0;
      await (isResumable(error) ? destination?.suspend() : destination?.discard());
      if (destination !== undefined) isKept = isResumable(error);
      return { error, received: undefined, brought, had };
    } finally {
      if (!isKept) await record?.remove().catch(() => undefined);
      await record?.[Symbol.asyncDispose]();
    }
  }

  #fields(destination: FolderDestination): Omit<RecipientRecord, 'version' | 'id' | 'createdAt'> {
    return {
      kind: 'recipient',
      ...{ channel: 'front-door', curve: 'p256', generation: 0, access: 'front-door' },
      ...{ onion: ONION, directory: this.directory, conflict: this.#conflict },
      resumption: toBase64Url(this.#resumption),
      staging: destination.staging,
    };
  }

  /** What a person sees when everything is there, as `visible` tells it. */
  get names(): string[] {
    const shown = this.manifest.entries.filter(({ type }) => type !== 'folder');
    return shown.map(({ path }) => path.join('/')).sort();
  }

  /**
   * What is wrong under a final name: files that are neither what was sent nor hold `mine`.
   *
   * @param received the final names, if they may be others than those that were sent
   */
  async wrongFiles(mine?: string, received?: readonly ReceivedFile[]): Promise<string[]> {
    const { placements } = new ContentLayout(this.manifest);
    const byName = new Map<string | undefined, Placement | undefined>(
      placements.map((placement, i) => [
        received === undefined ? placement.entry.path.join('/') : received[i]?.path,
        placement,
      ]),
    );
    const links = new Set<string>();
    for (const entry of this.manifest.entries) {
      const name = entry.path.join('/');
      if (entry.type === 'link') links.add(name);
      if (entry.type !== 'hardlink' || received !== undefined) continue;
      byName.set(
        name,
        placements.find(({ index }) => index === entry.file),
      );
    }
    const wrong: string[] = [];
    for (const name of await visible(this.directory)) {
      if (links.has(name)) continue;
      const written = await readFile(join(this.directory, name));
      if (mine !== undefined && written.equals(Buffer.from(mine))) continue;
      const { start, end } = byName.get(name) ?? {};
      const isRight = start !== undefined && written.equals(this.content.subarray(start, end));
      if (!isRight) wrong.push(name);
    }
    return wrong;
  }

  /** Everything of ours that is hidden, and the records. */
  async leftBehind(): Promise<string[]> {
    const hidden = (await readdir(this.directory)).filter((name) => name.startsWith('.'));
    return [...hidden, ...(await readdir(join(this.dataDir, 'transfers')))];
  }
}

function failed(error: unknown): Run {
  return { error, received: undefined, brought: 0, had: 0 };
}

/** A call, with its path without what is random in it. */
export function labelOf({ name, path }: FileCall, { directory, dataDir }: Receiving): string {
  const short = path
    .replace(directory, 'OUT')
    .replace(dataDir, 'DATA')
    .replace(/\.onionferry-[0-9a-f]{12}\.part/, 'STAGING')
    .replace(/\.onionferry-[0-9a-f]{12}/, 'PROBE')
    .replace(/[0-9a-f]{24}/, 'ID')
    .replace(/\.[0-9a-f]{12}\.tmp/, '.TMP');
  return `${name} ${short}`;
}

/** Files that a person sees in a folder, with '/'. */
export async function visible(directory: string): Promise<string[]> {
  const found = await readdir(directory, { recursive: true, withFileTypes: true });
  return found
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1))
    .filter((file) => !file.startsWith('.'))
    .sort();
}
