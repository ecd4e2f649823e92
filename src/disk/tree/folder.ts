import type { BigIntStats } from 'node:fs';

/**
 * A folder that is open, and that shows files and folders alone: links and special files are not
 * there. A name means just that name in just this folder; nothing leads out of it.
 */
export interface Folder extends Disposable {
  /** Every name in it, in one order on every machine; also of what is not shown. */
  names(): string[];
  /** What stands under a name; undefined if nothing does that is shown. */
  look(name: string): BigIntStats | undefined;
  /** @returns undefined if there is no such folder, or it may not be read */
  folder(name: string): Folder | undefined;
  /** @returns undefined if there is no such file, or it may not be read */
  file(name: string): OpenFile | undefined;
}

/** A file that is open for reading, as it was at that moment. */
export interface OpenFile extends Disposable {
  readonly fd: number;
  readonly stats: BigIntStats;
}
