import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Bytes } from '../../../src/base/bytes.js';
import type { ReceivedFile } from '../../../src/session/receiving/destination.js';
import type { ContentLayout } from '../../../src/stream/content-layout.js';
import { FRAME_CONTENT_BYTES } from '../../../src/stream/frame.js';
import type { Entry, Manifest } from '../../../src/stream/manifest.js';
import type { Range } from '../../../src/stream/ranges.js';
import { openDestination } from '../../../src/transfer/destination/destination.js';
import type { FolderDestination } from '../../../src/transfer/destination/folder-destination.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

export const CHUNK = FRAME_CONTENT_BYTES;

export function filesOf(sizes: readonly number[]): Manifest {
  const entries = sizes.map(
    (size, i): Entry => ({ type: 'file', path: ['d', `f${i}`], size, mode: 0o644, mtime: 0 }),
  );
  return {
    kind: 'files',
    entries: [{ type: 'folder', path: ['d'], mode: 0o755, mtime: 0 }, ...entries],
  };
}

/** One transfer and the places that it is kept in, from one process to the next. */
export interface Kept {
  readonly manifest: Manifest;
  readonly content: Bytes;
  readonly directory: string;
  readonly journal: string;
  open(staging?: string): Promise<FolderDestination>;
  /** Writes the chunks of [start, end). */
  write(destination: FolderDestination, start: number, end?: number): Promise<void>;
  /** Brings what is missing and what proves to be damaged, as a reassembler does, and finishes. */
  complete(destination: FolderDestination): Promise<Completed>;
}

export interface Completed {
  readonly files: readonly ReceivedFile[];
  readonly corrupt: readonly Range[];
}

/** @param others entries behind the files */
export async function kept(sizes: readonly number[], others: readonly Entry[] = []): Promise<Kept> {
  const directory = await temporaryDirectory();
  const journal = join(await temporaryDirectory(), 'journal');
  const { entries } = filesOf(sizes);
  const manifest: Manifest = { kind: 'files', entries: [...entries, ...others] };
  const content = new Uint8Array(randomBytes(sizes.reduce((sum, size) => sum + size, 0)));
  const key = new Uint8Array(32).fill(7);
  const transfer: Kept = {
    ...{ manifest, content, directory, journal },
    open: (staging) =>
      openDestination({
        directory,
        manifest,
        conflict: 'rename',
        resume: { journal, key, staging },
      }),
    async write(destination, start, end = content.length): Promise<void> {
      for (let at = start; at < end; at += CHUNK) {
        await destination.write(at, content.subarray(at, Math.min(at + CHUNK, end)));
      }
    },
    async complete(destination): Promise<Completed> {
      const corrupt: Range[] = [];
      const mended: Promise<void>[] = [];
      destination.verify((start, end) => {
        corrupt.push([start, end]);
        mended.push(transfer.write(destination, start, end));
      });
      for (const [start, end] of destination.written.missingWithin(0, content.length)) {
        await transfer.write(destination, start, end);
      }
      while (destination.written.bytes < content.length) await Promise.all(mended);
      const { files } = await destination.finish(content.length);
      await Promise.all(mended);
      return { files, corrupt };
    },
  };
  return transfer;
}

/** What each file of the layout must hold. */
export function parts(layout: ContentLayout, content: Bytes): Bytes[] {
  return layout.placements.map(({ start, end }) => content.subarray(start, end));
}
