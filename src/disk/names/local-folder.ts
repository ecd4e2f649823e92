import { localName, withSuffix } from './local-name.js';

/** One name of a folder as it will stand here; of what is no folder, only that it is there. */
type Child =
  | { readonly folder: LocalFolder; readonly name: string }
  | { readonly folder: undefined };

/** One for all: there can be half a million. */
const NO_FOLDER: Child = { folder: undefined };

/** What a file system makes of names, where it was asked. */
export interface AskedNames {
  /** The name, or one like it that the file system takes. */
  legal(name: string): string;
  /** Equal for names that are one to the file system. */
  fold(name: string): string;
}

/** The names of one folder, as sent and as they will stand here. */
export class LocalFolder {
  /** By the name that was sent; where files and a folder have the same one, the folder. */
  readonly children: Map<string, Child> = new Map();
  readonly #platform: string;
  readonly #asked: AskedNames | undefined;
  readonly #taken = new Set<string>();
  /** By wanted name, the number to try next: a thousand equal names must not cost a million tries. */
  readonly #numbers = new Map<string, number>();

  /** @param asked undefined if it takes every name that is legal on the platform */
  constructor(platform: string, asked?: AskedNames) {
    this.#platform = platform;
    this.#asked = asked;
  }

  /** @returns a name that can stand here and that nothing else in this folder has */
  add(sent: string, isFolder: boolean): string {
    const name = this.#take(sent);
    if (isFolder) {
      const folder = new LocalFolder(this.#platform, this.#asked);
      this.children.set(sent, { name, folder });
    } else if (!this.children.has(sent)) this.children.set(sent, NO_FOLDER);
    return name;
  }

  /** The folder that was sent under this name, which is added if it is not there yet. */
  enter(sent: string): { readonly name: string; readonly folder: LocalFolder; isNew: boolean } {
    const known = this.children.get(sent);
    if (known?.folder !== undefined) return { ...known, isNew: false };
    const name = this.#take(sent);
    const folder = new LocalFolder(this.#platform, this.#asked);
    this.children.set(sent, { name, folder });
    return { name, folder, isNew: true };
  }

  #take(sent: string): string {
    const local = localName(sent, this.#platform);
    const wanted = this.#asked?.legal(local) ?? local;
    let name = wanted;
    const folded = this.#fold(wanted);
    if (this.#taken.has(folded)) {
      let number = this.#numbers.get(folded) ?? 1;
      // Two names that differ only in what was replaced, or in case, must not meet in one file.
      do name = withSuffix(wanted, ` (${number++})`);
      while (this.#taken.has(this.#fold(name)));
      this.#numbers.set(folded, number);
    }
    this.#taken.add(this.#fold(name));
    return name;
  }

  #fold(text: string): string {
    if (this.#asked !== undefined) return this.#asked.fold(text);
    return this.#platform === 'linux' ? text : text.normalize('NFC').toLowerCase();
  }
}
