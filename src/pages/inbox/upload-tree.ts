import { type AskedNames, LocalFolder } from '../../disk/names/local-folder.js';
import { isHarmless, localName } from '../../disk/names/local-name.js';
import { PATH_DEPTH_MAX } from '../../stream/manifest.js';
import { isTaken, type Kinds } from './kinds.js';
import { PATH_MAX_BYTES } from './limits.js';
import { UploadRefusal } from './upload-refusal.js';

export interface AssignedPath {
  /** Of the file, below the upload's own folder */
  readonly path: readonly string[];
  /** Folders to create for it, outermost first */
  readonly newFolders: readonly (readonly string[])[];
}

/** Assigns safe paths to the names in one upload. */
export class UploadTree {
  readonly #root: LocalFolder;
  readonly #platform: NodeJS.Platform;
  readonly #kinds: Kinds | undefined;
  readonly #ending: string;

  /** @param ending comes behind the name of each file */
  constructor(platform: NodeJS.Platform, kinds?: Kinds, asked?: AskedNames, ending = '') {
    this.#root = LocalFolder.root(platform, asked);
    this.#platform = platform;
    this.#kinds = kinds;
    this.#ending = ending;
  }

  /**
   * Assigns a path to a file. Files sent with the same path get numbers.
   *
   * @param sent a file name, or a path with '/' in a folder that is sent
   * @throws UploadRefusal name-refused, kind-refused
   */
  assign(sent: string): AssignedPath {
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
      const { folder: next, isNew } = folder.enter(sentName);
      path.push(next.name);
      if (isNew) newFolders.push([...path]);
      folder = next;
    }
    return { path: [...path, folder.add(`${fileName}${this.#ending}`, false)], newFolders };
  }

  /** Assigns a path to a file that was not sent under a name. */
  assignOwn(name: string): AssignedPath {
    return { path: [this.#root.add(`${name}${this.#ending}`, false)], newFolders: [] };
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
 * Gives names that begin with a dot another first character: such files would be hidden, and
 * programs read settings from them. Names inside a folder that was sent stay as they are.
 */
function unhidden(name: string, platform: NodeJS.Platform): string {
  // Checks the local name, because replacing characters may bring a dot to the front.
  return localName(name, platform).startsWith('.') ? `_${name}` : name;
}
