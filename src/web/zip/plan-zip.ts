import { createHash, type Hash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import { MANIFEST_ENTRIES_MAX, PATH_DEPTH_MAX } from '../../stream/manifest.js';
import { localName, withSuffix } from '../../transfer/destination/local-path.js';
import { nextTurn, Turns } from '../../transfer/small-file.js';
import { etagOf, identityOf } from '../http/file-etag.js';
import { PageRefusal } from '../server/refusal.js';
import type { Folder } from '../share/tree/folder.js';
import { ZipLayout } from './layout.js';
import type { ZipEntry } from './records.js';

const KIND_FILE = 0o100000;
const KIND_FOLDER = 0o040000;
const PERMISSIONS = 0o777n;

/** Where an entry is found again below the folder that was planned, which has no parent. */
export interface PlannedFolder {
  readonly parent: PlannedFolder | undefined;
  readonly name: string;
}

export interface PlannedEntry extends ZipEntry {
  readonly kind: 'file' | 'folder';
  readonly within: PlannedFolder;
  /** On this machine, where it may be another than in the archive */
  readonly ownName: string;
  readonly identity: string;
}

/** An archive as its folder is at one moment. */
export interface ZipPlan {
  readonly layout: ZipLayout<PlannedEntry>;
  readonly etag: string;
  /** When the last of its files and folders changed */
  readonly modified: Date;
  readonly root: PlannedFolder;
}

/**
 * Decides on the archive of a folder with all it holds: the same folder makes the same bytes.
 *
 * @param prefix of every name in the archive: nothing, or a name with a slash
 * @throws PageRefusal 'too-large' for more than such an archive can be made of
 */
export async function planZip(
  folder: Folder,
  prefix: string,
  signal?: AbortSignal,
): Promise<ZipPlan> {
  const planner = new Planner(signal);
  const root: PlannedFolder = { parent: undefined, name: '' };
  await planner.fill(folder, root, prefix, 1);
  return planner.finish(root);
}

class Planner {
  readonly #entries: PlannedEntry[] = [];
  readonly #hash: Hash = createHash('sha256').update('zip 1\0');
  readonly #turns = new Turns();
  readonly #signal: AbortSignal | undefined;
  #changedNs = 0n;

  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  async fill(folder: Folder, within: PlannedFolder, prefix: string, depth: number): Promise<void> {
    if (depth > PATH_DEPTH_MAX) throw new PageRefusal('too-large');
    const taken = new Set<string>();
    for (const ownName of folder.names()) {
      if (this.#turns.count()) await nextTurn();
      this.#signal?.throwIfAborted();
      const stats = folder.look(ownName);
      if (stats === undefined) continue;
      const name = prefix + unique(archiveName(ownName), taken);
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

  finish(root: PlannedFolder): ZipPlan {
    return {
      layout: new ZipLayout(this.#entries),
      etag: etagOf(this.#hash.digest()),
      modified: new Date(Number(this.#changedNs / 1_000_000n)),
      root,
    };
  }

  #add(entry: PlannedEntry, { ctimeNs }: BigIntStats): void {
    if (this.#entries.length >= MANIFEST_ENTRIES_MAX) throw new PageRefusal('too-large');
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

/**
 * What misleads a reader is replaced, as when onionferry receives; some programs also take a
 * backslash for a slash, which would let a name leave the folder that is unpacked into.
 */
function archiveName(name: string): string {
  return localName(name, 'linux').replaceAll('\\', '_');
}

/** Names that differ only in what was replaced must not meet. */
function unique(wanted: string, taken: Set<string>): string {
  let name = wanted;
  for (let number = 1; taken.has(name); number++) name = withSuffix(wanted, ` (${number})`);
  taken.add(name);
  return name;
}
