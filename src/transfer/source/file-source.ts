import { type BigIntStats, closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import { systemCode } from '../../base/system-error.js';
import { FileTooShort, readExactly, readExactlySync } from '../../disk/exact-io.js';
import { shownPath } from '../../disk/names/escaped-name.js';
import { READ } from '../../disk/open-flags.js';
import { nextTurn, SMALL_FILE_BYTES, Turns } from '../../disk/small-file.js';
import { unreadable } from '../../disk/unreadable.js';
import type { Source } from '../../session/sending/source.js';
import { ContentLayout, type Placement } from '../../stream/content-layout.js';
import type { Manifest } from '../../stream/manifest.js';
import { assertUnchanged, changed, type FileIdentity } from './file-identity.js';
import { type ScanOptions, scanPaths } from './scan-paths.js';

/** Files and folders on this machine, read in place. */
export interface FileSource extends Source {
  /** By index in the manifest, for files only; with them a later process can resume. */
  readonly identities: ReadonlyMap<number, FileIdentity>;
  /** Whether files that have grown are sent as long as they were. */
  readonly mayGrow: boolean;
  /** @throws OnionferryError ERR_SOURCE_CHANGED, ERR_SOURCE, with the first file's name */
  verifyUnchanged(): Promise<void>;
}

export async function fileSource(
  paths: readonly string[],
  options: FileSourceOptions = {},
): Promise<FileSource> {
  const { manifest, files, warnings } = await scanPaths(paths, options);
  return new ScannedSource(
    { manifest, identities: files, mayGrow: options.mayGrow === true },
    warnings,
  );
}

export interface FileSourceOptions extends ScanOptions {
  readonly mayGrow?: boolean | undefined;
}

/** What a later process needs to send the same. */
export interface Scanned {
  readonly manifest: Manifest;
  readonly identities: ReadonlyMap<number, FileIdentity>;
  readonly mayGrow?: boolean | undefined;
}

/** What an earlier process scanned; every read fails if it is not the same any more. */
export function resumedSource(scanned: Scanned): FileSource {
  return new ScannedSource(scanned, []);
}

class ScannedSource implements FileSource {
  readonly manifest: Manifest;
  readonly identities: ReadonlyMap<number, FileIdentity>;
  readonly mayGrow: boolean;
  readonly warnings: readonly string[];
  readonly #layout: ContentLayout;
  readonly #turns = new Turns();
  /** The file that was read last: content is read mostly in order. */
  #current: { index: number; handle: FileHandle } | undefined;
  /** Reads run one after the other, so that a handle is never closed under a read. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ manifest, identities, mayGrow = false }: Scanned, warnings: readonly string[]) {
    this.manifest = manifest;
    this.identities = identities;
    this.mayGrow = mayGrow;
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
      assertUnchanged(statOf(file), file, this.mayGrow);
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
        readSmall(file, offset, target, this.mayGrow);
        if (this.#turns.count()) await nextTurn();
      } else {
        const handle = await this.#enter(placement);
        await readPart(handle, file, offset, target, this.mayGrow);
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
        throw unreadable(shownPath(file.path), cause);
      });
      this.#current = { index, handle };
      assertUnchanged(fstatSync(handle.fd, { bigint: true }), file, this.mayGrow);
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
  mayGrow: boolean,
): Promise<void> {
  try {
    await readExactly(handle, offset, into);
    assertUnchanged(fstatSync(handle.fd, { bigint: true }), file, mayGrow);
  } catch (cause) {
    throw failed(file, cause);
  }
}

function readSmall(file: FileIdentity, offset: number, into: Bytes, mayGrow: boolean): void {
  let fd: number | undefined;
  try {
    fd = openSync(file.path, READ);
    assertUnchanged(fstatSync(fd, { bigint: true }), file, mayGrow);
    readExactlySync(fd, offset, into);
    assertUnchanged(fstatSync(fd, { bigint: true }), file, mayGrow);
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
    throw systemCode(cause) === 'ENOENT' ? changed(file) : unreadable(shownPath(file.path), cause);
  }
}

function failed(file: FileIdentity, cause: unknown): OnionferryError {
  if (cause instanceof OnionferryError) return cause;
  return cause instanceof FileTooShort ? changed(file) : unreadable(shownPath(file.path), cause);
}
