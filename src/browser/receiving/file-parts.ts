import type { Bytes } from '../../base/bytes.js';

/**
 * Content is handed to the browser in blobs of this size, which it may keep outside of the page's
 * own memory; one for each frame would cost more than it holds.
 */
const BLOB_BYTES: number = 8 * 1024 * 1024;

/** One file on its way into the browser's keeping. */
export class FileParts {
  readonly #blobs: Blob[] = [];
  #pending: Bytes[] = [];
  #pendingBytes = 0;

  add(content: Bytes): void {
    this.#pending.push(content);
    this.#pendingBytes += content.length;
    if (this.#pendingBytes >= BLOB_BYTES) this.#flush();
  }

  /** Everything that was added. */
  whole(): Blob {
    this.#flush();
    // What it is the name tells; a type might make the browser show it instead of keeping it.
    return new Blob(this.#blobs, { type: 'application/octet-stream' });
  }

  #flush(): void {
    if (this.#pendingBytes === 0) return;
    this.#blobs.push(new Blob(this.#pending));
    this.#pending = [];
    this.#pendingBytes = 0;
  }
}
