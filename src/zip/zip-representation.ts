import type { Folder } from '../disk/tree/folder.js';
import { PIECE_BYTES } from '../onion-http/content/file-representation.js';
import type { Representation } from '../onion-http/content/representation.js';
import type { Checksums } from './checksums.js';
import type { ZipPlan } from './plan-zip.js';
import { readZip } from './read-zip.js';

export interface ZipRepresentationOptions {
  /** Without the extension */
  readonly name: string;
  readonly plan: ZipPlan;
  /** Opens the folder that was planned */
  readonly openRoot: () => Folder | undefined;
  readonly checksums: Checksums;
  /** Has files that grow while the archive is read, such as logs, as long as they were planned */
  readonly mayGrow?: boolean;
}

/** A folder as one archive, generated while it is sent. */
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

/** Joins small parts up to `length` bytes, which saves writes. */
async function* inPieces(
  parts: AsyncIterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array> {
  let small: Uint8Array[] = [];
  let held = 0;
  for await (const part of parts) {
    if (held > 0 && held + part.length > length) {
      yield Buffer.concat(small, held);
      small = [];
      held = 0;
    }
    if (part.length >= length) {
      yield part;
    } else if (part.length > 0) {
      small.push(part);
      held += part.length;
    }
  }
  if (held > 0) yield Buffer.concat(small, held);
}
