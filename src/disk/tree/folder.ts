import type { BigIntStats } from 'node:fs';

/**
 * Why something is not shown: a symbolic link; a pipe, socket or device; what may not be read; a file
 * whose size the system does not tell; what is not there any more.
 */
export type HiddenReason = 'link' | 'special' | 'unreadable' | 'untold' | 'gone';

/**
 * An open folder that shows files and folders only, no links and no special files. A name means
 * exactly that name in exactly this folder; nothing leads out of it.
 */
export interface Folder extends Disposable {
  /** Every name in it, in the same order on every machine; also of what is not shown. */
  names(): string[];
  /** What a name stands for; undefined if for nothing that is shown. */
  look(name: string): BigIntStats | undefined;
  /** Why `look` has found nothing to show under this name. */
  whyHidden(name: string): HiddenReason;
  /** Differs when names have come or gone in between; undefined if that cannot be told. */
  state(): string | undefined;
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

/** A folder as if it held nothing but `child`. Disposing of it disposes of the folder. */
export function onlyChild(folder: Folder, child: string): Folder {
  return {
    names: () => [child],
    look: (name) => (name === child ? folder.look(name) : undefined),
    whyHidden: (name) => (name === child ? folder.whyHidden(name) : 'gone'),
    state: () => folder.state(),
    folder: (name) => (name === child ? folder.folder(name) : undefined),
    file: (name) => (name === child ? folder.file(name) : undefined),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
