import { sha256 } from '@noble/hashes/sha2.js';
import type { Bytes } from '../../base/bytes.js';
import { asOnionferryError, OnionferryError } from '../../base/errors.js';
import type { Destination, ReceivedFiles } from '../../session/receiving/destination.js';
import { ContentLayout } from '../../stream/content-layout.js';
import type { Manifest } from '../../stream/manifest.js';
import { Ranges } from '../../stream/ranges.js';
import { IN_PAGE_MAX_BYTES, tooLarge } from './limits.js';

/**
 * Content is handed to the browser in blobs of this size, which it may keep outside of the page's
 * own memory; one for each frame would cost more than it holds.
 */
const BLOB_BYTES: number = 8 * 1024 * 1024;

export interface Received {
  readonly manifest: Manifest;
  /** By index in the manifest's entries */
  readonly files: ReadonlyMap<number, Blob>;
}

/**
 * Puts files together in the browser's memory. A page has one stream at a time, over which a sender
 * sends what is missing from its beginning on; content in any other order is refused.
 */
export class MemoryDestination implements Destination {
  readonly written: Ranges = new Ranges();
  readonly #manifest: Manifest;
  readonly #keep: (received: Received) => Promise<void> | void;
  readonly #layout: ContentLayout;
  readonly #files = new Map<number, FileInMemory>();

  /** @param keep hands everything to the person; the sender gets its receipt when this is done */
  constructor(manifest: Manifest, keep: (received: Received) => Promise<void> | void) {
    this.#manifest = manifest;
    this.#keep = keep;
    this.#layout = new ContentLayout(manifest);
    for (const { index } of this.#layout.placements) this.#files.set(index, new FileInMemory());
  }

  verify(): void {
    // Nothing is believed that did not come to this very page.
  }

  /** @throws OnionferryError ERR_PROTOCOL; ERR_TOO_LARGE if more comes than a page holds */
  write(position: number, content: Bytes): Promise<void> {
    const end = position + content.length;
    if (position !== this.written.bytes || end > this.#layout.end) {
      const sentence = 'the sender sent something other than what was to come; try again';
      return Promise.reject(new OnionferryError('ERR_PROTOCOL', sentence));
    }
    if (end > IN_PAGE_MAX_BYTES) return Promise.reject(tooLarge());
    for (const { placement, offset, length } of this.#layout.spans(position, content.length)) {
      const from = placement.start + offset - position;
      this.#files.get(placement.index)?.add(content.subarray(from, from + length));
    }
    this.written.add(position, end);
    return Promise.resolve();
  }

  async finish(): Promise<ReceivedFiles> {
    const files = new Map([...this.#files].map(([index, file]) => [index, file.whole()]));
    try {
      await this.#keep({ manifest: this.#manifest, files });
    } catch (error) {
      throw asOnionferryError(error, 'ERR_DESTINATION', 'the browser did not keep what came');
    }
    return {
      files: this.#manifest.entries.flatMap((entry, index) => {
        const file = this.#files.get(entry.type === 'hardlink' ? entry.file : index);
        if (file === undefined) return [];
        return [{ path: entry.path.join('/'), bytes: file.bytes, sha256: file.sha256 }];
      }),
      warnings: [],
    };
  }

  /** A page that is left keeps nothing. */
  suspend(): Promise<void> {
    return this.discard();
  }

  discard(): Promise<void> {
    this.#files.clear();
    return Promise.resolve();
  }
}

/** One file on its way into the browser's keeping. */
class FileInMemory {
  readonly #blobs: Blob[] = [];
  readonly #hash = sha256.create();
  #pending: Bytes[] = [];
  #pendingBytes = 0;
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Lower-case hex; to be asked when everything was added. */
  get sha256(): string {
    const digest = this.#hash.clone().digest();
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
  }

  add(content: Bytes): void {
    this.#hash.update(content);
    this.#pending.push(content);
    this.#pendingBytes += content.length;
    this.#bytes += content.length;
    if (this.#pendingBytes >= BLOB_BYTES) this.#flush();
  }

  /** Everything that was added. */
  whole(): Blob {
    this.#flush();
    // The name tells what it is; a type might make the browser show it instead of keeping it.
    return new Blob(this.#blobs, { type: 'application/octet-stream' });
  }

  #flush(): void {
    if (this.#pendingBytes === 0) return;
    this.#blobs.push(new Blob(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
