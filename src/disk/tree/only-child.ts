import type { Folder } from './folder.js';

/** A folder as if there were nothing in it but `child`. Disposing of it disposes of the folder. */
export function onlyChild(folder: Folder, child: string): Folder {
  return {
    names: () => [child],
    look: (name) => (name === child ? folder.look(name) : undefined),
    folder: (name) => (name === child ? folder.folder(name) : undefined),
    file: (name) => (name === child ? folder.file(name) : undefined),
    [Symbol.dispose]: () => folder[Symbol.dispose](),
  };
}
