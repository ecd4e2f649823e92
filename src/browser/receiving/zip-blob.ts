import type { Bytes } from '../../base/bytes.js';
import { ZipLayout } from '../../zip/layout.js';
import { centralHeader, dataDescriptor, endRecords, localHeader } from '../../zip/records.js';

/** A file in memory, or a folder, which has no content. */
export interface InMemory {
  readonly path: readonly string[];
  readonly modified: Date;
  readonly content: Blob | undefined;
}

const FILE_MODE = 0o100644;
const FOLDER_MODE = 0o040755;
/** Read at once: larger pieces would only take more memory. */
const PIECE_BYTES: number = 1024 * 1024;
/** The polynomial of ISO 3309, reversed */
const POLYNOMIAL = 0xedb88320;

/** Packs files and folders into a ZIP file, without compression. */
export async function zipBlob(files: readonly InMemory[]): Promise<Blob> {
  const layout = new ZipLayout(
    files.map(({ path, modified, content }) => ({
      content,
      name: path.join('/') + (content === undefined ? '/' : ''),
      size: content?.size ?? 0,
      mode: content === undefined ? FOLDER_MODE : FILE_MODE,
      modified: Math.floor(modified.getTime() / 1000),
    })),
  );
  const parts: (Bytes | Blob)[] = [];
  const directory: Bytes[] = [];
  for (const [index, entry] of layout.entries.entries()) {
    const { content = new Blob() } = entry;
    const checksum = await crc32(content);
    parts.push(localHeader(entry), content, dataDescriptor(entry, checksum));
    directory.push(centralHeader(entry, layout.startOf(index), checksum));
  }
  const end = endRecords(layout.directory);
  return new Blob([...parts, ...directory, end], { type: 'application/zip' });
}

const table: Uint32Array = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ POLYNOMIAL : value >>> 1;
  return value;
});

/** Browsers have no CRC-32 of their own. */
async function crc32(content: Blob): Promise<number> {
  let value = 0xffffffff;
  for (let at = 0; at < content.size; at += PIECE_BYTES) {
    const piece = new Uint8Array(await content.slice(at, at + PIECE_BYTES).arrayBuffer());
    for (const byte of piece) value = (value >>> 8) ^ (table[(value ^ byte) & 0xff] ?? 0);
  }
  return (value ^ 0xffffffff) >>> 0;
}
