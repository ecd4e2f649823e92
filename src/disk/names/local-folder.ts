import { localName, withSuffix } from './local-name.js';

/** One name of a folder as it will stand here. */
interface Child {
  readonly name: string;
  /** Undefined of what is no folder. */
  readonly folder: LocalFolder | undefined;
}

/** The names of one folder, as sent and as they will stand here. */
export class LocalFolder {
  /** By the name that was sent; where files and a folder have the same one, the folder. */
  readonly children: Map<string, Child> = new Map();
  readonly #platform: string;
  readonly #taken = new Set<string>();
  /** By wanted name, the number to try next: a thousand equal names must not cost a million tries. */
  readonly #numbers = new Map<string, number>();

  constructor(platform: string) {
    this.#platform = platform;
  }

  /** @returns a name that can stand here and that nothing else in this folder has */
  add(sent: string, isFolder: boolean): string {
    const name = this.#take(localName(sent, this.#platform));
    const folder = isFolder ? new LocalFolder(this.#platform) : undefined;
    if (isFolder || !this.children.has(sent)) this.children.set(sent, { name, folder });
    return name;
  }

  /** The folder that was sent under this name, which is added if it is not there yet. */
  enter(sent: string): { readonly name: string; readonly folder: LocalFolder; isNew: boolean } {
    const known = this.children.get(sent);
    if (known?.folder !== undefined) return { ...known, folder: known.folder, isNew: false };
    const name = this.#take(localName(sent, this.#platform));
    const folder = new LocalFolder(this.#platform);
    this.children.set(sent, { name, folder });
    return { name, folder, isNew: true };
  }

  #take(wanted: string): string {
    let name = wanted;
    let number = this.#numbers.get(this.#fold(wanted)) ?? 1;
    // Two names that differ only in what was replaced, or in case, must not meet in one file.
    while (this.#taken.has(this.#fold(name))) name = withSuffix(wanted, ` (${number++})`);
    this.#numbers.set(this.#fold(wanted), number);
    this.#taken.add(this.#fold(name));
    return name;
  }

  #fold(text: string): string {
    return this.#platform === 'linux' ? text : text.normalize('NFC').toLowerCase();
  }
}
