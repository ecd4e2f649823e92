import { sharedTree } from '../../src/disk/tree/shared-tree.js';
import type { ByteRange } from '../../src/onion-http/content/conditions.js';
import type { Representation } from '../../src/onion-http/content/representation.js';
import { Checksums } from '../../src/zip/checksums.js';
import { planZip } from '../../src/zip/plan-zip.js';
import { zipRepresentation } from '../../src/zip/zip-representation.js';

export interface Zipped extends Representation {
  readonly checksums: Checksums;
}

/** All that is in a folder as an archive, as it is now. */
export async function zipped(
  directory: string,
  checksums = new Checksums(),
  mayGrow = false,
): Promise<Zipped> {
  const tree = sharedTree([directory]);
  const [root = ''] = tree.folder([])?.names() ?? [];
  const openRoot = (): ReturnType<typeof tree.folder> => tree.folder([root]);
  using folder = openRoot();
  if (folder === undefined) throw new Error('no such folder');
  const plan = await planZip(folder);
  return { ...zipRepresentation({ name: root, plan, openRoot, checksums, mayGrow }), checksums };
}

/** A part of what is represented; all of it if not told. */
export async function bytesOf(
  representation: Representation,
  range: ByteRange = { start: 0, end: representation.size },
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of representation.open(range, new AbortController().signal)) {
    // A representation gives bytes.
    pieces.push(piece as Uint8Array);
  }
  return Buffer.concat(pieces);
}
