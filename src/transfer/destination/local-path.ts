import { OnionferryError } from '../../base/errors.js';
import { Slices } from '../../base/slices.js';
import { type AskedNames, LocalFolder } from '../../disk/names/local-folder.js';
import { isHarmless } from '../../disk/names/local-name.js';
import type { Entry, Manifest } from '../../stream/manifest.js';

/** A manifest's entry and its path, relative to the folder that is written to. */
export interface LocalEntry {
  readonly entry: Entry;
  readonly path: readonly string[];
  /** The recipient has chosen to do without it. */
  readonly isUnwanted?: true | undefined;
}

/**
 * Decides the local path of every entry, in the manifest's order.
 *
 * Paths that try to leave the folder, or that a well-behaved sender would never make, refuse the
 * whole manifest. Names that are merely impossible or misleading here are replaced.
 *
 * @throws OnionferryError ERR_HOSTILE_NAME
 */
export function localPaths(manifest: Manifest, platform: string): LocalEntry[] {
  const naming = new LocalNaming(platform);
  return manifest.entries.map((entry) => naming.place(entry));
}

/**
 * As `localPaths`, in turns with everything else.
 *
 * @param asked what the file system makes of names, if it takes fewer than the platform
 * @throws OnionferryError ERR_HOSTILE_NAME
 */
export async function localPathsInTurns(
  manifest: Manifest,
  platform: string,
  asked?: AskedNames,
): Promise<LocalEntry[]> {
  const locals: LocalEntry[] = [];
  await placeInTurns(manifest, new LocalNaming(platform, asked), (local) => locals.push(local));
  return locals;
}

/** Refuses what `localPaths` refuses. @throws OnionferryError ERR_HOSTILE_NAME */
export async function assertHarmless(manifest: Manifest, platform: string): Promise<void> {
  await placeInTurns(manifest, new LocalNaming(platform), () => undefined);
}

async function placeInTurns(
  { entries }: Manifest,
  naming: LocalNaming,
  onPlaced: (local: LocalEntry) => void,
): Promise<void> {
  const slices = new Slices();
  for (const entry of entries) {
    onPlaced(naming.place(entry));
    if (slices.isOver) await slices.next();
  }
}

/**
 * Gives the only file or folder at the top another name.
 *
 * @throws OnionferryError ERR_REFUSED if there are several
 */
export function placedAs(locals: readonly LocalEntry[], name: string): LocalEntry[] {
  const tops = new Set(locals.map(({ entry }) => entry.path[0]));
  if (tops.size > 1) {
    throw new OnionferryError(
      'ERR_REFUSED',
      `the offer has ${tops.size} files and folders, and one name was given; nothing was written`,
    );
  }
  const renamed = ([, ...rest]: readonly string[]): string[] => [name, ...rest];
  return locals.map(({ entry, path }) => ({
    // As if it had been sent under this name: nobody is to be told of the change.
    entry: { ...entry, path: renamed(entry.path) },
    path: renamed(path),
  }));
}

class LocalNaming {
  readonly #platform: string;
  readonly #root: LocalFolder;

  constructor(platform: string, asked?: AskedNames) {
    this.#platform = platform;
    this.#root = LocalFolder.root(platform, asked);
  }

  /** Entries come in the manifest's order. @throws OnionferryError ERR_HOSTILE_NAME */
  place(entry: Entry): LocalEntry {
    const sent = entry.path;
    let folder = this.#root;
    /** Where it is not the path as sent: half a million would be held twice. */
    let changed: string[] | undefined;
    const step = (depth: number, name: string): void => {
      if (changed === undefined && name !== sent[depth]) changed = sent.slice(0, depth);
      changed?.push(name);
    };
    for (const [depth, name] of sent.entries()) {
      if (!isHarmless(name, this.#platform)) throw hostile('a path leads out of the folder');
      if (depth < sent.length - 1) {
        const parent = folder.child(name);
        if (!parent) throw hostile('a path leads through what is no folder');
        step(depth, parent.name);
        folder = parent;
      } else {
        if (folder.child(name) !== undefined) throw hostile('two entries have the same path');
        step(depth, folder.add(name, entry.type === 'folder'));
      }
    }
    return { entry, path: changed ?? sent };
  }
}

/**
 * Whether a link at `path` to `target` stays within its own top-level folder, whatever other links
 * are there: `..` only at the front, where the folders are real ones, and not too often.
 */
export function isContainedLink(path: readonly string[], target: string): boolean {
  if (target.includes('\0') || target.includes('\\') || /^([/]|[A-Za-z]:)/.test(target)) {
    return false;
  }
  const steps = target.split('/').filter((step) => step !== '' && step !== '.');
  const firstDown = steps.findIndex((step) => step !== '..');
  const ups = firstDown === -1 ? steps.length : firstDown;
  // path = [top, …, link]: the link's own folder is path.length - 2 levels below the top.
  return ups <= path.length - 2 && !steps.slice(ups).includes('..');
}

function hostile(why: string): OnionferryError {
  return new OnionferryError(
    'ERR_HOSTILE_NAME',
    `the offer was refused: ${why}; nothing was written`,
  );
}
