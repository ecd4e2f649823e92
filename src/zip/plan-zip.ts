import { createHash, type Hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { OnionferryError } from '../base/errors.js';
import { LocalFolder } from '../disk/names/local-folder.js';
import { nextTurn, Turns } from '../disk/small-file.js';
import type { Folder } from '../disk/tree/folder.js';
import { etagOf, identityOf } from '../onion-http/content/representation.js';
import { MANIFEST_ENTRIES_MAX, PATH_DEPTH_MAX } from '../stream/manifest.js';
import { ZipLayout } from './layout.js';
import type { ZipEntry } from './records.js';

const KIND_FILE = 0o100000;
const KIND_FOLDER = 0o040000;
const PERMISSIONS = 0o777n;

/** There are too many entries for one archive, or they are nested too deep. */
export class ZipTooLarge extends OnionferryError {
  constructor() {
    const sentence =
      'a shared folder holds too many files or folders for one archive; pack it first';
    super('ERR_SOURCE', sentence);
  }
}

/** A folder on the path from the planned folder, which has no parent, down to an entry. */
export interface PlannedFolder {
  readonly parent: PlannedFolder | undefined;
  readonly name: string;
}

export interface PlannedEntry extends ZipEntry {
  readonly kind: 'file' | 'folder';
  readonly within: PlannedFolder;
  /** On this machine; the name in the archive may differ */
  readonly ownName: string;
  readonly identity: string;
}

/** The archive of a folder as it is at one moment. */
export interface ZipPlan {
  readonly layout: ZipLayout<PlannedEntry>;
  readonly etag: string;
  /** When any of its files and folders last changed */
  readonly modified: Date;
}

/**
 * Plans the archive of a folder and all it contains. The same folder yields the same bytes.
 *
 * @throws ZipTooLarge
 */
export async function planZip(folder: Folder): Promise<ZipPlan> {
  const planner = new Planner();
  await planner.fill(folder, { parent: undefined, name: '' }, '', 1);
  return planner.finish();
}

/**
 * Shares plans: simultaneous requests for one folder wait for the same plan, and equal plans share
 * their memory, some 300 bytes for each file.
 */
export class ZipPlans {
  readonly #making = new Map<string, Promise<ZipPlan>>();
  readonly #made = new Map<string, WeakRef<ZipPlan>>();

  /** @param key identifies the folder; @returns undefined if it cannot be opened */
  async plan(key: string, openRoot: () => Folder | undefined): Promise<ZipPlan | undefined> {
    const making = this.#making.get(key);
    if (making !== undefined) return await making;
    using folder = openRoot();
    if (folder === undefined) return undefined;
    const plan = planZip(folder).then((made) => this.#share(made));
    this.#making.set(key, plan);
    try {
      return await plan;
    } finally {
      this.#making.delete(key);
    }
  }

  #share(made: ZipPlan): ZipPlan {
    const before = this.#made.get(made.etag)?.deref();
    if (before !== undefined) return before;
    for (const [etag, plan] of this.#made) if (plan.deref() === undefined) this.#made.delete(etag);
    this.#made.set(made.etag, new WeakRef(made));
    return made;
  }
}

class Planner {
  readonly #entries: PlannedEntry[] = [];
  readonly #hash: Hash = createHash('sha256').update('zip 1\0');
  readonly #turns = new Turns();
  #changedNs = 0n;

  async fill(folder: Folder, within: PlannedFolder, prefix: string, depth: number): Promise<void> {
    if (depth > PATH_DEPTH_MAX) throw new ZipTooLarge();
    const unpacked = LocalFolder.root('linux');
    for (const ownName of folder.names()) {
      if (this.#turns.count()) await nextTurn();
      const stats = folder.look(ownName);
      if (stats === undefined) continue;
      // Misleading characters are replaced, as when onionferry receives. Some programs read a
      // backslash as a slash, which would let a name leave the folder it is unpacked into.
      const name = prefix + unpacked.add(ownName.replaceAll('\\', '_'), false);
      if (stats.isFile()) {
        this.#add({ kind: 'file', within, ownName, name, ...described(stats) }, stats);
      } else {
        using inner = folder.folder(ownName);
        if (inner === undefined) continue;
        const entry = { kind: 'folder', within, ownName, name: `${name}/` } as const;
        this.#add({ ...entry, ...described(stats) }, stats);
        await this.fill(inner, { parent: within, name: ownName }, `${name}/`, depth + 1);
      }
    }
  }

  finish(): ZipPlan {
    return {
      layout: new ZipLayout(this.#entries),
      etag: etagOf(this.#hash.digest()),
      modified: new Date(Number(this.#changedNs / 1_000_000n)),
    };
  }

  #add(entry: PlannedEntry, { ctimeNs }: BigIntStats): void {
    if (this.#entries.length >= MANIFEST_ENTRIES_MAX) throw new ZipTooLarge();
    this.#entries.push(entry);
    this.#hash.update(`${entry.name}\0${entry.mode} ${entry.identity}\0`);
    if (ctimeNs > this.#changedNs) this.#changedNs = ctimeNs;
  }
}

function described(
  stats: BigIntStats,
): Pick<PlannedEntry, 'size' | 'mode' | 'modified' | 'identity'> {
  return {
    size: stats.isFile() ? Number(stats.size) : 0,
    mode: Number(stats.mode & PERMISSIONS) | (stats.isFile() ? KIND_FILE : KIND_FOLDER),
    modified: Math.floor(Number(stats.mtimeNs / 1_000_000n) / 1000),
    identity: identityOf(stats),
  };
}
