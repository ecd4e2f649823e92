import { LocalFolder } from '../../disk/names/local-folder.js';
import { isHarmless, localName } from '../../disk/names/local-name.js';
import { PATH_DEPTH_MAX } from '../../stream/manifest.js';
import { isTaken, type Kinds } from './kinds.js';
import { PATH_MAX_BYTES } from './limits.js';
import { UploadRefusal } from './upload-refusal.js';

export interface Place {
  /** Where the file goes, below the upload's own folder. */
  readonly path: readonly string[];
  /** Folders that have to be made for it, outermost first. */
  readonly newFolders: readonly (readonly string[])[];
}

/** The names of one upload: what was sent becomes paths that may stand here. */
export class UploadTree {
  readonly #root: LocalFolder;
  readonly #platform: NodeJS.Platform;
  readonly #kinds: Kinds | undefined;

  constructor(platform: NodeJS.Platform, kinds?: Kinds) {
    this.#root = new LocalFolder(platform);
    this.#platform = platform;
    this.#kinds = kinds;
  }

  /**
   * Finds a file its place. Files of one path stand beside each other, with numbers.
   *
   * @param sent a name, or a path with '/' of a folder that is sent whole
   * @throws UploadRefusal name-refused, kind-refused
   */
  place(sent: string): Place {
    const steps = sent.split('/');
    if (!this.#isFit(sent, steps)) throw new UploadRefusal({ kind: 'name-refused', name: sent });
    const [top = '', ...rest] = steps;
    const names = [unhidden(top, this.#platform), ...rest];
    const fileName = names.pop() ?? '';
    if (!isTaken(localName(fileName, this.#platform), this.#kinds)) {
      throw new UploadRefusal({ kind: 'kind-refused', name: fileName });
    }
    const path: string[] = [];
    const newFolders: (readonly string[])[] = [];
    let folder = this.#root;
    for (const sentName of names) {
      const { name, folder: next, isNew } = folder.enter(sentName);
      path.push(name);
      if (isNew) newFolders.push([...path]);
      folder = next;
    }
    return { path: [...path, folder.add(fileName, false)], newFolders };
  }

  /** Finds a place for a file that we name ourselves. */
  placeOwn(name: string): Place {
    return { path: [this.#root.add(name, false)], newFolders: [] };
  }

  #isFit(sent: string, steps: readonly string[]): boolean {
    return (
      Buffer.byteLength(sent) <= PATH_MAX_BYTES &&
      steps.length <= PATH_DEPTH_MAX &&
      steps.every((step) => isHarmless(step, this.#platform))
    );
  }
}

/**
 * Nobody looks for what a folder does not show, and programs read their settings there: a name that
 * begins with a dot gets another beginning. Within a folder that is sent, names stay as they are.
 */
function unhidden(name: string, platform: NodeJS.Platform): string {
  // Looked at as it will stand here: what is replaced before it may bring a dot to the front.
  return localName(name, platform).startsWith('.') ? `_${name}` : name;
}
