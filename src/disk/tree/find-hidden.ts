import { nextTurn, Turns } from '../small-file.js';
import type { Folder, HiddenReason } from './folder.js';
import type { SharedTree } from './shared-tree.js';

/** Entries that are looked at: some seconds. */
const LOOKS_MAX = 200_000;

/** What of a shared tree is not shown. */
export interface Hidden {
  readonly path: string;
  readonly why: HiddenReason;
}

/** Looks for what is not shown: links, special files, and what cannot be read. */
export async function findHidden(tree: SharedTree, signal: AbortSignal): Promise<Hidden[]> {
  const hidden: Hidden[] = [];
  const turns = new Turns();
  let looks = 0;
  using top = tree.folder([]);
  if (top !== undefined) await walk(top, []);
  return hidden;

  async function walk(folder: Folder, path: readonly string[]): Promise<void> {
    for (const name of folder.names()) {
      if (signal.aborted || ++looks > LOOKS_MAX) return;
      if (turns.count()) await nextTurn();
      const stats = folder.look(name);
      if (stats === undefined) {
        hidden.push({ path: [...path, name].join('/'), why: folder.whyHidden(name) });
      } else if (stats.isDirectory()) {
        using inner = folder.folder(name);
        if (inner !== undefined) await walk(inner, [...path, name]);
      }
    }
  }
}
