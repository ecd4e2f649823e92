import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { ContentLayout, type Placement } from '../../stream/content-layout.js';
import type { Manifest } from '../../stream/manifest.js';
import { type FileIdentity, scanPaths, unreadable } from './scan-paths.js';
import type { Source } from './source.js';

/** A pipe that has taken a file's place since must not hold up the open; its identity tells it.
 * (Windows has neither flag; there they count as none.) */
const READ_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/** Files and folders on this machine, read where they stand. */
export async function fileSource(
  paths: readonly string[],
  options: { signal?: AbortSignal | undefined } = {},
): Promise<Source> {
  const { entries, files, warnings } = await scanPaths(paths, options);
  return new FileSource({ kind: 'files', entries }, files, warnings);
}

class FileSource implements Source {
  readonly manifest: Manifest;
  readonly warnings: readonly string[];
  readonly #layout: ContentLayout;
  readonly #files: ReadonlyMap<number, FileIdentity>;
  /** The file that was read last: content is read mostly in order. */
  #current: { index: number; handle: Promise<FileHandle> } | undefined;
  /** Reads run one after the other, so that a handle is never closed under a read. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    manifest: Manifest,
    files: ReadonlyMap<number, FileIdentity>,
    warnings: readonly string[],
  ) {
    this.manifest = manifest;
    this.warnings = warnings;
    this.#files = files;
    this.#layout = new ContentLayout(manifest);
  }

  read(position: number, into: Bytes): Promise<number> {
    const reading = this.#turn.then(() => this.#fill(position, into));
    this.#turn = reading.catch(() => undefined);
    return reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#leave();
  }

  async #fill(position: number, into: Bytes): Promise<number> {
    let filled = 0;
    for (const { placement, offset, length } of this.#layout.spans(position, into.length)) {
      const handle = await this.#enter(placement);
      const file = this.#identity(placement);
      const target = into.subarray(filled, filled + length);
      for (let got = 0; got < length; ) {
        const { bytesRead } = await handle
          .read(target, got, length - got, offset + got)
          .catch((cause: unknown) => {
            throw unreadable(file.path, cause);
          });
        if (bytesRead === 0) throw changed(file);
        got += bytesRead;
      }
      if (offset + length === placement.entry.size) await assertUnchanged(handle, file);
      filled += length;
    }
    return filled;
  }

  async #enter(placement: Placement): Promise<FileHandle> {
    if (this.#current?.index === placement.index) return await this.#current.handle;
    await this.#leave();
    const handle = openUnchanged(this.#identity(placement));
    this.#current = { index: placement.index, handle };
    return await handle;
  }

  async #leave(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    const handle = await current?.handle.catch(() => undefined);
    await handle?.close();
  }

  #identity(placement: Placement): FileIdentity {
    const file = this.#files.get(placement.index);
    if (file === undefined) throw new OnionferryError('ERR_INTERNAL', 'a file without identity');
    return file;
  }
}

async function openUnchanged(file: FileIdentity): Promise<FileHandle> {
  const handle = await open(file.path, READ_FLAGS).catch((cause: unknown) => {
    throw unreadable(file.path, cause);
  });
  try {
    await assertUnchanged(handle, file);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function assertUnchanged(handle: FileHandle, file: FileIdentity): Promise<void> {
  const now = await handle.stat({ bigint: true });
  const same =
    now.dev === file.dev &&
    now.ino === file.ino &&
    now.size === file.size &&
    now.mtimeNs === file.mtimeNs &&
    now.ctimeNs === file.ctimeNs;
  if (!same) throw changed(file);
}

function changed(file: FileIdentity): OnionferryError {
  return new OnionferryError(
    'ERR_SOURCE_CHANGED',
    `${file.path} changed while it was being sent; send it again`,
  );
}
