import { type BigIntStats, closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { systemCode } from '../../base/system-error.js';
import { READ } from '../../disk/open-flags.js';
import { FileTooShort, readExactly, readExactlySync } from '../../disk/read-exactly.js';
import { nextTurn, SMALL_FILE_BYTES, Turns } from '../../disk/small-file.js';
import { unreadable } from '../../disk/unreadable.js';
import type { Source } from '../../session/sending/source.js';
import { ContentLayout, type Placement } from '../../stream/content-layout.js';
import type { Manifest } from '../../stream/manifest.js';
import { assertUnchanged, changed, type FileIdentity } from './file-identity.js';
import { scanPaths } from './scan-paths.js';

/** Files and folders on this machine, read in place. */
export interface FileSource extends Source {
  /** By index in the manifest, for files only; with them a later process can resume. */
  readonly identities: ReadonlyMap<number, FileIdentity>;
  /** @throws OnionferryError ERR_SOURCE_CHANGED, ERR_SOURCE, with the first file's name */
  verifyUnchanged(): Promise<void>;
}

export async function fileSource(
  paths: readonly string[],
  options: { signal?: AbortSignal | undefined } = {},
): Promise<FileSource> {
  const { entries, files, warnings } = await scanPaths(paths, options);
  return new ScannedSource({ kind: 'files', entries }, files, warnings);
}

/** What an earlier process scanned; every read fails if it is not the same any more. */
export function resumedSource(scanned: {
  readonly manifest: Manifest;
  readonly identities: ReadonlyMap<number, FileIdentity>;
}): FileSource {
  return new ScannedSource(scanned.manifest, scanned.identities, []);
}

class ScannedSource implements FileSource {
  readonly manifest: Manifest;
  readonly identities: ReadonlyMap<number, FileIdentity>;
  readonly warnings: readonly string[];
  readonly #layout: ContentLayout;
  readonly #turns = new Turns();
  /** The file that was read last: content is read mostly in order. */
  #current: { index: number; handle: FileHandle } | undefined;
  /** Reads run one after the other, so that a handle is never closed under a read. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    manifest: Manifest,
    identities: ReadonlyMap<number, FileIdentity>,
    warnings: readonly string[],
  ) {
    this.manifest = manifest;
    this.identities = identities;
    this.warnings = warnings;
    this.#layout = new ContentLayout(manifest);
  }

  read(position: number, into: Bytes): Promise<number> {
    const reading = this.#turn.then(() => this.#fill(position, into));
    // The caller is told of a failure, the next one in turn is not.
    this.#turn = reading.catch(() => undefined);
    return reading;
  }

  async verifyUnchanged(): Promise<void> {
    for (const file of this.identities.values()) {
      assertUnchanged(statOf(file), file);
      if (this.#turns.count()) await nextTurn();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#leave();
  }

  async #fill(position: number, into: Bytes): Promise<number> {
    let filled = 0;
    for (const { placement, offset, length } of this.#layout.spans(position, into.length)) {
      const file = this.#identity(placement.index);
      const target = into.subarray(filled, filled + length);
      if (file.size <= SMALL_FILE_BYTES) {
        readSmall(file, offset, target);
        if (this.#turns.count()) await nextTurn();
      } else {
        await readPart(await this.#enter(placement), file, offset, target);
      }
      filled += length;
    }
    return filled;
  }

  async #enter({ index }: Placement): Promise<FileHandle> {
    if (this.#current?.index !== index) {
      await this.#leave();
      const file = this.#identity(index);
      const handle = await open(file.path, READ).catch((cause: unknown) => {
        throw unreadable(file.path, cause);
      });
      this.#current = { index, handle };
      assertUnchanged(fstatSync(handle.fd, { bigint: true }), file);
    }
    return this.#current.handle;
  }

  async #leave(): Promise<void> {
    const { handle } = this.#current ?? {};
    this.#current = undefined;
    await handle?.close();
  }

  #identity(index: number): FileIdentity {
    const file = this.identities.get(index);
    if (file === undefined) throw new OnionferryError('ERR_INTERNAL', 'a file without identity');
    return file;
  }
}

/** Every read ends with a check: what was read from a file that changed is not sent. */
async function readPart(
  handle: FileHandle,
  file: FileIdentity,
  offset: number,
  into: Bytes,
): Promise<void> {
  try {
    await readExactly(handle, offset, into);
    assertUnchanged(fstatSync(handle.fd, { bigint: true }), file);
  } catch (cause) {
    throw failed(file, cause);
  }
}

function readSmall(file: FileIdentity, offset: number, into: Bytes): void {
  let fd: number | undefined;
  try {
    fd = openSync(file.path, READ);
    assertUnchanged(fstatSync(fd, { bigint: true }), file);
    readExactlySync(fd, offset, into);
    assertUnchanged(fstatSync(fd, { bigint: true }), file);
  } catch (cause) {
    throw failed(file, cause);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function statOf(file: FileIdentity): BigIntStats {
  try {
    return statSync(file.path, { bigint: true });
  } catch (cause) {
    throw systemCode(cause) === 'ENOENT' ? changed(file) : unreadable(file.path, cause);
  }
}

function failed(file: FileIdentity, cause: unknown): OnionferryError {
  if (cause instanceof OnionferryError) return cause;
  return cause instanceof FileTooShort ? changed(file) : unreadable(file.path, cause);
}
