import { statfs } from 'node:fs/promises';
import { FORM_OVERHEAD_BYTES, type InboxLimits } from './limits.js';
import { UploadRefusal } from './upload-refusal.js';

/** The disk is looked at again after so many bytes of one upload: others write to it as well. */
const LOOK_EVERY_BYTES = 8 * 1024 * 1024;

/** What an inbox still has room for: by its limits, and on the disk. */
export class Room {
  readonly #directory: string;
  readonly limits: InboxLimits;
  readonly #claims = new Set<Claim>();
  #bytes = 0;
  #files = 0;

  constructor(directory: string, limits: InboxLimits) {
    this.#directory = directory;
    this.limits = limits;
  }

  /** Whether nothing more will ever be taken. */
  get isFull(): boolean {
    return this.#bytes >= this.limits.bytesTotal || this.#files >= this.limits.filesTotal;
  }

  /**
   * Sets room aside for an upload, until its claim is disposed of.
   *
   * @param length of the request's body, if it was announced
   * @throws UploadRefusal upload-too-large, inbox-full, disk-full
   */
  async claim(length: number | undefined): Promise<Claim> {
    const claim = new Claim(this, Math.max(0, (length ?? 0) - FORM_OVERHEAD_BYTES));
    claim.assertWithinLimits();
    await this.look(claim);
    // Others have come meanwhile.
    claim.assertWithinLimits();
    // Not before: what is refused must never have been in the way of another.
    this.#claims.add(claim);
    return claim;
  }

  /** @throws UploadRefusal inbox-full */
  assertTotals(own: Claim): void {
    let bytes = this.#bytes + own.bytes;
    let files = this.#files + own.files;
    for (const claim of this.#claims) {
      if (claim === own) continue;
      bytes += claim.bytes;
      files += claim.files;
    }
    const { bytesTotal, filesTotal } = this.limits;
    if (bytes > bytesTotal || files > filesTotal) throw new UploadRefusal({ kind: 'inbox-full' });
  }

  /** Looks whether all that is set aside fits on the disk. @throws UploadRefusal disk-full */
  async look(own: Claim): Promise<void> {
    const { bavail, bsize } = await statfs(this.#directory);
    let toCome = own.bytes - own.written;
    for (const claim of this.#claims) if (claim !== own) toCome += claim.bytes - claim.written;
    if (bavail * bsize - toCome < this.limits.freeBytesKept) {
      throw new UploadRefusal({ kind: 'disk-full' });
    }
  }

  /** Gives back what a claim has set aside, but for what has arrived. */
  settle(claim: Claim, arrived: { readonly bytes: number; readonly files: number }): void {
    if (!this.#claims.delete(claim)) return;
    this.#bytes += arrived.bytes;
    this.#files += arrived.files;
  }
}

/** The room of one upload. */
export class Claim implements Disposable {
  /** What is set aside: what was announced, or what has come if that is more. */
  bytes: number;
  written = 0;
  files = 0;
  readonly #room: Room;
  #folders = 0;
  #lookAt = LOOK_EVERY_BYTES;

  constructor(room: Room, bytes: number) {
    this.#room = room;
    this.bytes = bytes;
  }

  /** @throws UploadRefusal too-many-files, inbox-full */
  addFile(newFolders: number): void {
    this.files++;
    this.#folders += newFolders;
    const { filesPerUpload, filesTotal } = this.#room.limits;
    if (this.files + this.#folders > filesPerUpload) {
      throw new UploadRefusal({ kind: 'too-many-files', limit: filesPerUpload });
    }
    if (filesTotal < Number.POSITIVE_INFINITY) this.#room.assertTotals(this);
  }

  /** To be asked before bytes are written. @throws UploadRefusal upload-too-large, inbox-full, disk-full */
  async add(bytes: number): Promise<void> {
    this.written += bytes;
    if (this.written > this.bytes) {
      this.bytes = this.written;
      this.assertWithinLimits();
    }
    if (this.written < this.#lookAt) return;
    this.#lookAt = this.written + LOOK_EVERY_BYTES;
    await this.#room.look(this);
  }

  /** @throws UploadRefusal upload-too-large, inbox-full */
  assertWithinLimits(): void {
    const { bytesPerUpload } = this.#room.limits;
    if (this.bytes > bytesPerUpload) {
      throw new UploadRefusal({ kind: 'upload-too-large', limit: bytesPerUpload });
    }
    this.#room.assertTotals(this);
  }

  /** All that was written has arrived and stays. */
  keep(): void {
    this.#room.settle(this, { bytes: this.written, files: this.files });
  }

  [Symbol.dispose](): void {
    this.#room.settle(this, { bytes: 0, files: 0 });
  }
}
