import type { Folder } from '../disk/tree/folder.js';
import { PIECE_BYTES } from '../onion-http/content/file-representation.js';
import type { Representation } from '../onion-http/content/representation.js';
import type { Checksums } from './checksums.js';
import { inPieces } from './in-pieces.js';
import type { ZipPlan } from './plan-zip.js';
import { readZip } from './read-zip.js';

export interface ZipRepresentationOptions {
  /** Without its extension */
  readonly name: string;
  readonly plan: ZipPlan;
  /** Opens the folder that was planned. */
  readonly openRoot: () => Folder | undefined;
  readonly checksums: Checksums;
}

/** A folder as one archive, made while it is sent. */
export function zipRepresentation(options: ZipRepresentationOptions): Representation {
  const { name, plan } = options;
  return {
    size: plan.layout.size,
    etag: plan.etag,
    modified: plan.modified,
    type: 'application/zip',
    name: `${name}.zip`,
    disposition: 'attachment',
    open: (range, signal) => inPieces(readZip({ ...options, range, signal }), PIECE_BYTES),
  };
}
