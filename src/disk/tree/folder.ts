import type { BigIntStats } from 'node:fs';

/**
 * Why something is not shown: a symbolic link; a pipe, socket or device; what may not be read; a file
 * whose size the system does not tell; what is not there any more.
 */
export type HiddenReason = 'link' | 'special' | 'unreadable' | 'untold' | 'gone';

/** What the system tells of a name without being asked about it. */
export interface KindOfName {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/**
 * An open folder that shows files and folders only, no links and no special files. A name means
 * exactly that name in exactly this folder; nothing leads out of it.
 */
export interface Folder extends Disposable {
  /** Every name in it, in the same order on every machine; also of what is not shown. */
  names(): string[];
  /** The same without holding up other work while the system reads them. */
  readNames(): Promise<string[]>;
  /**
   * The files and folders in it, in no order: much cheaper than to look at each, and good for counting.
   * One that may not be read is among them; one whose name is not UTF-8 may have another name here.
   */
  kinds(): Iterable<KindOfName>;
  /** What a name stands for; undefined if for nothing that is shown. */
  look(name: string): BigIntStats | undefined;
  /**
   * Looks at names for less than half of what `look` costs: by the path that this folder has now, and
   * without asking whether they may be read. Somebody who moves folders meanwhile can make it look
   * elsewhere, so what it finds is good to sort by, and not to be shown.
   */
  glances(): (name: string) => BigIntStats | undefined;
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

/** The same as `kinds`, by looking at each name. */
export function* kindsByLooking(folder: Pick<Folder, 'names' | 'look'>): Generator<KindOfName> {
  for (const name of folder.names()) {
    const stats = folder.look(name);
    if (stats !== undefined) yield { name, kind: stats.isFile() ? 'file' : 'folder' };
  }
}

/** A folder as if it held nothing but `child`. Disposing of it disposes of the folder. */
export function onlyChild(folder: Folder, child: string): Folder {
  return {
    names: () => [child],
    readNames: () => Promise.resolve([child]),
    kinds: () => kindsByLooking({ names: () => [child], look: (name) => folder.look(name) }),
    look: (name) => (name === child ? folder.look(name) : undefined),
    glances: () => (name) => (name === child ? folder.look(name) : undefined),
    whyHidden: (name) => (name === child ? folder.whyHidden(name) : 'gone'),
    state: () => folder.state(),
    folder: (name) => (name === child ? folder.folder(name) : undefined),
    file: (name) => (name === child ? folder.file(name) : undefined),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
