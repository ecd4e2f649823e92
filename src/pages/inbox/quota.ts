import { freeSpace } from '../../disk/free-space.js';
import { Holdings } from './holdings.js';
import { FORM_OVERHEAD_BYTES, type InboxLimits } from './limits.js';
import { UploadRefusal } from './upload-refusal.js';

/** How often free disk space is checked during an upload, because others use the disk too */
const CHECK_EVERY_BYTES = 8 * 1024 * 1024;

/** What an inbox can still accept, by its limits and by free disk space. */
export class Quota {
  readonly #directory: string;
  readonly limits: InboxLimits;
  readonly #claims = new Set<Claim>();
  readonly #holdings: Holdings;
  #bytes = 0;
  #files = 0;

  constructor(directory: string, limits: InboxLimits) {
    this.#directory = directory;
    this.#holdings = new Holdings(directory);
    this.limits = limits;
  }

  /** Whether no upload is accepted now, however small */
  async isFull(): Promise<boolean> {
    const { bytesTotal, filesTotal } = this.limits;
    if (this.#bytes >= bytesTotal || this.#files >= filesTotal) return true;
    return !(await this.#mayKeep(1));
  }

  /**
   * Reserves room for an upload, until its claim is disposed of.
   *
   * @param length of the request's body, if announced
   * @throws UploadRefusal upload-too-large, inbox-full, disk-full
   */
  async claim(length: number | undefined): Promise<Claim> {
    const claim = new Claim(this, Math.max(0, (length ?? 0) - FORM_OVERHEAD_BYTES));
    claim.assertWithinLimits();
    await this.assertRoom(claim);
    // Again, because of claims made in the meantime.
    claim.assertWithinLimits();
    // Only now: a refused claim must never get in the way of another.
    this.#claims.add(claim);
    return claim;
  }

  /** The room of an upload that an earlier process has admitted. */
  restore(): Claim {
    const claim = new Claim(this, 0);
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

  /**
   * Checks that all claims fit on the disk, and beside what lies in the inbox.
   *
   * @throws UploadRefusal disk-full, inbox-full; OnionferryError ERR_DESTINATION
   */
  async assertRoom(own: Claim): Promise<void> {
    await this.assertKept(own);
    const free = (await freeSpace(this.#directory)) ?? Number.POSITIVE_INFINITY;
    let toCome = own.bytes - own.written;
    for (const claim of this.#claims) if (claim !== own) toCome += claim.bytes - claim.written;
    if (free - toCome < this.limits.freeBytesKept) {
      throw new UploadRefusal({ kind: 'disk-full' });
    }
  }

  /** Releases a claim, and counts what has arrived. */
  release(claim: Claim, arrived: { readonly bytes: number; readonly files: number }): void {
    if (!this.#claims.delete(claim)) return;
    this.#bytes += arrived.bytes;
    this.#files += arrived.files;
    this.#holdings.add(arrived.bytes);
  }

  /** @throws UploadRefusal inbox-full; OnionferryError ERR_DESTINATION */
  async assertKept(own: Claim): Promise<void> {
    let toCome = own.bytes;
    for (const claim of this.#claims) if (claim !== own) toCome += claim.bytes;
    if (!(await this.#mayKeep(toCome))) throw new UploadRefusal({ kind: 'inbox-full' });
  }

  /** Whether so much fits beside what lies in the inbox. @throws OnionferryError ERR_DESTINATION */
  async #mayKeep(bytes: number): Promise<boolean> {
    const { bytesKept } = this.limits;
    if (bytesKept === Number.POSITIVE_INFINITY) return true;
    // Somebody may have made room since it was measured.
    for (const isAnew of [false, true]) {
      if ((await this.#holdings.bytes(isAnew)) + bytes <= bytesKept) return true;
    }
    return false;
  }
}

/** The room reserved for one upload. */
export class Claim implements Disposable {
  /** The announced bytes, or those received if they are more */
  bytes: number;
  written = 0;
  files = 0;
  readonly #quota: Quota;
  #folders = 0;
  #checkAt = CHECK_EVERY_BYTES;

  constructor(quota: Quota, bytes: number) {
    this.#quota = quota;
    this.bytes = bytes;
  }

  /** @throws UploadRefusal too-many-files, inbox-full */
  addFile(newFolders: number): void {
    this.files++;
    this.#folders += newFolders;
    const { filesPerUpload, filesTotal } = this.#quota.limits;
    if (this.files + this.#folders > filesPerUpload) {
      throw new UploadRefusal({ kind: 'too-many-files', limit: filesPerUpload });
    }
    if (filesTotal < Number.POSITIVE_INFINITY) this.#quota.assertTotals(this);
  }

  /** Must be called before bytes are written. @throws UploadRefusal upload-too-large, inbox-full, disk-full */
  async add(bytes: number): Promise<void> {
    this.written += bytes;
    if (this.written > this.bytes) {
      this.bytes = this.written;
      this.assertWithinLimits();
      await this.#quota.assertKept(this);
    }
    if (this.written < this.#checkAt) return;
    this.#checkAt = this.written + CHECK_EVERY_BYTES;
    await this.#quota.assertRoom(this);
  }

  /** Says how much of what was announced is written. @throws UploadRefusal disk-full */
  async reach(written: number): Promise<void> {
    this.written = written;
    await this.add(0);
  }

  /** Gives up the room for what has not come. */
  pause(): void {
    this.bytes = this.written;
  }

  /** Reserves that room again. @throws UploadRefusal upload-too-large, inbox-full, disk-full */
  async resume(bytes: number): Promise<void> {
    if (this.bytes >= bytes) return;
    const before = this.bytes;
    this.bytes = bytes;
    try {
      this.assertWithinLimits();
      await this.#quota.assertRoom(this);
    } catch (error) {
      this.bytes = Math.max(before, this.written);
      throw error;
    }
  }

  /** @throws UploadRefusal upload-too-large, inbox-full */
  assertWithinLimits(): void {
    const { bytesPerUpload } = this.#quota.limits;
    if (this.bytes > bytesPerUpload) {
      throw new UploadRefusal({ kind: 'upload-too-large', limit: bytesPerUpload });
    }
    this.#quota.assertTotals(this);
  }

  /** Counts everything written as arrived. */
  keep(): void {
    this.#quota.release(this, { bytes: this.written, files: this.files });
  }

  [Symbol.dispose](): void {
    this.#quota.release(this, { bytes: 0, files: 0 });
  }
}
