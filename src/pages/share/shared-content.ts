import { localName } from '../../disk/names/local-name.js';
import { type Folder, onlyChild } from '../../disk/tree/folder.js';
import type { SharedTree } from '../../disk/tree/shared-tree.js';
import { fileRepresentation } from '../../onion-http/content/file-representation.js';
import type { Representation } from '../../onion-http/content/representation.js';
import { Checksums } from '../../zip/checksums.js';
import { type Counted, EntryCounts } from '../../zip/entry-counts.js';
import { type ZipPlan, ZipPlans, ZipTooLarge } from '../../zip/plan-zip.js';
import { zipRepresentation } from '../../zip/zip-representation.js';
import type { Opened, Represented } from '../listing/represented.js';
import { PageRefusal } from '../server/refusal.js';

/** The name of the archive of several things, which have no name together */
const EVERYTHING = 'everything';

export interface SharedContentOptions {
  readonly tree: SharedTree;
  /** Serves files that grow as long as they are when they are asked for, in archives as well. */
  readonly mayGrow?: boolean;
  /** Ends running downloads. */
  readonly signal?: AbortSignal;
}

/** What of a shared tree can be downloaded: files as they are, and folders as archives. */
export class SharedContent {
  readonly #options: SharedContentOptions;
  readonly #checksums: Checksums;
  readonly #plans = new ZipPlans();
  readonly #counts = new EntryCounts();

  constructor(options: SharedContentOptions) {
    this.#options = options;
    this.#checksums = new Checksums(options.signal);
  }

  /** Of which folders an archive would be too large; of none where that cannot be told. */
  async tooMuchFor(names: readonly string[]): Promise<Counted> {
    return await this.#counts.of(names, () => this.#options.tree.folder(names));
  }

  /** @returns undefined if there is no such thing; @throws PageRefusal 'archive-too-large' */
  async open({ names, isArchive }: Represented): Promise<Opened | undefined> {
    return isArchive ? await this.#openArchive(names) : this.openFile(names);
  }

  openFile(names: readonly string[]): Opened | undefined {
    const { tree, mayGrow = false } = this.#options;
    const file = tree.file(names);
    if (file === undefined) return undefined;
    const name = localName(names.at(-1) ?? '', 'linux');
    return {
      representation: fileRepresentation(file, { name, disposition: 'attachment', mayGrow }),
      [Symbol.dispose]: () => file[Symbol.dispose](),
    };
  }

  async #openArchive(names: readonly string[]): Promise<Opened | undefined> {
    const name = names.at(-1);
    const openRoot = (): Folder | undefined => {
      const parent = this.#options.tree.folder(names.slice(0, -1));
      return parent === undefined || name === undefined ? parent : onlyChild(parent, name);
    };
    const plan = await this.#plan(names, openRoot);
    // The archive of a folder begins with the folder itself; anything else is not a folder.
    if (plan === undefined || (name !== undefined && plan.layout.entries[0]?.kind !== 'folder')) {
      return undefined;
    }
    const representation: Representation = zipRepresentation({
      name: localName(name ?? EVERYTHING, 'linux'),
      plan,
      openRoot,
      checksums: this.#checksums,
      mayGrow: this.#options.mayGrow ?? false,
    });
    return { representation, [Symbol.dispose]: () => undefined };
  }
  async #plan(
    names: readonly string[],
    openRoot: () => Folder | undefined,
  ): Promise<ZipPlan | undefined> {
    try {
      return await this.#plans.plan(names.join('/'), openRoot);
    } catch (cause) {
      throw cause instanceof ZipTooLarge ? new PageRefusal('archive-too-large', { cause }) : cause;
    }
  }
}
