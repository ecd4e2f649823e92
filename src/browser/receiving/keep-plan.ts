import type { Manifest } from '../../stream/manifest.js';
import { localPaths } from '../../transfer/destination/local-path.js';
import type { Received } from './memory-destination.js';
import { zipBlob } from './zip-blob.js';

/** Beyond it a browser would ask, or be in the way, for each file. */
const SEPARATE_MAX = 4;
/** For several things without a folder around them. */
const ZIP_NAME = 'onionferry.zip';

/** Something for the browser to keep, under this name. */
export interface Kept {
  readonly name: string;
  readonly content: Blob;
}

/** How an offer will be kept: each file by itself, or all in a zip. */
export interface KeepPlan {
  /** By index in the manifest's entries: names that are harmless and possible on any system. */
  readonly paths: readonly (readonly string[])[];
  readonly zip: string | undefined;
}

/** @throws OnionferryError ERR_HOSTILE_NAME */
export function planKeeping(manifest: Manifest): KeepPlan {
  // Nobody knows the system that a browser runs on; what the strictest takes, all take.
  const paths = localPaths(manifest, 'win32').map(({ path }) => path);
  const isPlain = manifest.entries.every(({ type, path }) => type === 'file' && path.length === 1);
  if (isPlain && paths.length <= SEPARATE_MAX) return { paths, zip: undefined };
  const tops = new Set(paths.map(([top]) => top));
  const [only] = tops;
  return { paths, zip: tops.size === 1 && only !== undefined ? `${only}.zip` : ZIP_NAME };
}

/** What the browser is to keep. Links are left out: no browser can make one. */
export async function keptOf({ manifest, files }: Received, plan: KeepPlan): Promise<Kept[]> {
  const entries = manifest.entries.flatMap((entry, index) => {
    const path = plan.paths[index];
    // Another name of a file holds the same.
    const of = entry.type === 'hardlink' ? entry.file : index;
    const file = manifest.entries[of];
    if (path === undefined || file === undefined || !('mtime' in file)) return [];
    return [{ path, modified: new Date(file.mtime), content: files.get(of) }];
  });
  if (plan.zip !== undefined) return [{ name: plan.zip, content: await zipBlob(entries) }];
  return entries.flatMap(({ path, content }) =>
    content === undefined ? [] : [{ name: path.at(-1) ?? '', content }],
  );
}
