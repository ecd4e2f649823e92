import { localName, withSuffix } from './local-name.js';

/** What a name of a folder stands for: a folder, or null for anything else. */
export type Child = LocalFolder | null;

/** Names that are looked through one by one; a map of fewer takes several times the memory. */
const FEW = 4;

/** What a file system makes of names, where it was asked. */
export interface AskedNames {
  /** The name, or one like it that the file system takes. */
  legal(name: string): string;
  /** Equal for names that are one to the file system. */
  fold(name: string): string;
}

interface Rules {
  readonly platform: string;
  readonly asked: AskedNames | undefined;
}

/**
 * The names of one folder, as sent and as they will stand here. There can be half a million folders, or
 * names in one of them, so what is not needed is not made.
 */
export class LocalFolder {
  /** As it stands here; empty for the one that everything is in */
  readonly name: string;
  readonly #rules: Rules;
  /** By the name that was sent; where files and a folder have the same one, the folder. */
  #children: readonly (string | Child)[] | Map<string, Child> = [];
  /** Names that stand here; where the file system tells all names apart, only those that are no child's. */
  #taken: Set<string> | undefined;
  /** By wanted name, the number to try next: a thousand equal names must not cost a million tries. */
  #numbers: Map<string, number> | undefined;

  private constructor(rules: Rules, name: string) {
    this.#rules = rules;
    this.name = name;
  }

  /** @param asked undefined if it takes every name that is legal on the platform */
  static root(platform: string, asked?: AskedNames): LocalFolder {
    return new LocalFolder({ platform, asked }, '');
  }

  /** @returns undefined if nothing was sent under this name */
  child(sent: string): Child | undefined {
    const children = this.#children;
    if (children instanceof Map) return children.get(sent);
    for (let at = 0; at < children.length; at += 2) {
      const child = children[at + 1];
      if (children[at] === sent && typeof child !== 'string') return child;
    }
    return undefined;
  }

  /** @returns a name that can stand here and that nothing else in this folder has */
  add(sent: string, isFolder: boolean): string {
    const name = this.#take(sent);
    if (isFolder) this.#set(sent, new LocalFolder(this.#rules, name));
    else if (this.child(sent) === undefined) this.#set(sent, null);
    return name;
  }

  /** The folder that was sent under this name, which is added if it is not there yet. */
  enter(sent: string): { readonly folder: LocalFolder; readonly isNew: boolean } {
    const known = this.child(sent);
    if (known) return { folder: known, isNew: false };
    const folder = new LocalFolder(this.#rules, this.#take(sent));
    this.#set(sent, folder);
    return { folder, isNew: true };
  }

  #set(sent: string, child: Child): void {
    const children = this.#children;
    if (children instanceof Map) children.set(sent, child);
    else if (this.child(sent) === undefined && children.length < 2 * FEW) {
      this.#children = [...children, sent, child];
    } else {
      const map = new Map<string, Child>();
      children.forEach((one, at) => {
        const its = children[at + 1];
        if (typeof one === 'string' && typeof its !== 'string') map.set(one, its ?? null);
      });
      this.#children = map.set(sent, child);
    }
  }

  #take(sent: string): string {
    const { platform, asked } = this.#rules;
    const local = localName(sent, platform);
    const wanted = asked?.legal(local) ?? local;
    let name = wanted;
    const folded = this.#fold(wanted);
    if (this.#isTaken(folded)) {
      this.#numbers ??= new Map();
      let number = this.#numbers.get(folded) ?? 1;
      // Two names that differ only in what was replaced, or in case, must not meet in one file.
      do name = withSuffix(wanted, ` (${number++})`);
      while (this.#isTaken(this.#fold(name)));
      this.#numbers.set(folded, number);
    }
    if (this.#isFolding || name !== sent) (this.#taken ??= new Set()).add(this.#fold(name));
    return name;
  }

  /** What was sent and can stand here does; what cannot is never wanted. */
  #isTaken(folded: string): boolean {
    if (this.#taken?.has(folded) === true) return true;
    return !this.#isFolding && this.child(folded) !== undefined;
  }

  /** Whether the file system takes some names for the same. */
  get #isFolding(): boolean {
    return this.#rules.asked !== undefined || this.#rules.platform !== 'linux';
  }

  #fold(text: string): string {
    if (this.#rules.asked !== undefined) return this.#rules.asked.fold(text);
    return this.#isFolding ? text.normalize('NFC').toLowerCase() : text;
  }
}
