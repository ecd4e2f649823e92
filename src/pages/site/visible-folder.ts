import type { Folder } from '../../disk/tree/folder.js';

/** The one such name that is meant to be read by others (RFC 8615). */
const WELL_KNOWN = '.well-known';

/** Names with a dot in front are settings and histories, such as `.git`: nothing of a site. */
export function isVisible(name: string): boolean {
  return !name.startsWith('.') || name === WELL_KNOWN;
}

/** A folder as if it held nothing hidden. Disposing of it disposes of the folder. */
export function visibleFolder(folder: Folder): Folder {
  return {
    names: () => folder.names().filter(isVisible),
    look: (name) => (isVisible(name) ? folder.look(name) : undefined),
    folder(name): Folder | undefined {
      const inner = isVisible(name) ? folder.folder(name) : undefined;
      return inner && visibleFolder(inner);
    },
    file: (name) => (isVisible(name) ? folder.file(name) : undefined),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
