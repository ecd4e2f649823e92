import { type Bytes, concat, utf8 } from '../../base/bytes.js';
import { crc32 } from './crc32.js';

/** What goes into a zip; a folder has no content. */
export interface ZipEntry {
  readonly path: readonly string[];
  readonly modified: Date;
  readonly content: Blob | undefined;
}

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_CENTRAL = 0x06054b50;
/** Version 2.0: folders. */
const VERSION = 20;
/** Made on Unix, so that names are taken as they are. */
const MADE_BY: number = (3 << 8) | VERSION;
/** Names are UTF-8. */
const FLAGS = 0x0800;
const FILE_MODE = 0o100644;
const FOLDER_MODE = 0o040755;

/**
 * A zip (APPNOTE.TXT 6.3.10) of what lies in memory, stored and not compressed: below 4 GiB and
 * 65,536 entries, which is more than a page takes.
 */
export async function zipBlob(entries: readonly ZipEntry[]): Promise<Blob> {
  const parts: (Bytes | Blob)[] = [];
  const central: Bytes[] = [];
  let at = 0;
  for (const { path, modified, content } of entries) {
    const name = utf8(path.join('/') + (content === undefined ? '/' : ''));
    const bytes = content?.size ?? 0;
    const checksum = content === undefined ? 0 : await crc32(content);
    // From the flags to the length of the extra field both headers are the same.
    const common = fields([2, FLAGS], [2, 0], ...time(modified), [4, checksum], [4, bytes]);
    const lengths = fields([4, bytes], [2, name.length], [2, 0]);
    const local = concat(fields([4, LOCAL_HEADER], [2, VERSION]), common, lengths, name);
    const mode = content === undefined ? FOLDER_MODE : FILE_MODE;
    const place = fields([2, 0], [2, 0], [2, 0], [2, 0], [2, mode], [4, at]);
    const head = fields([4, CENTRAL_HEADER], [2, MADE_BY], [2, VERSION]);
    central.push(concat(head, common, lengths, place, name));
    parts.push(local, ...(content === undefined ? [] : [content]));
    at += local.length + bytes;
  }
  const directory = concat(...central);
  const count = entries.length;
  const end = fields(
    [4, END_OF_CENTRAL],
    ...([
      [2, 0],
      [2, 0],
      [2, count],
      [2, count],
    ] as const),
    ...([
      [4, directory.length],
      [4, at],
      [2, 0],
    ] as const),
  );
  return new Blob([...parts, directory, end], { type: 'application/zip' });
}

type Field = readonly [length: 2 | 4, value: number];

/** Numbers behind one another, little endian. */
function fields(...all: readonly Field[]): Bytes {
  const bytes = new Uint8Array(all.reduce((sum, [length]) => sum + length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [length, value] of all) {
    if (length === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += length;
  }
  return bytes;
}

/** MS-DOS's time and date, which begin in 1980, in UTC: the sender's zone is nobody's business. */
function time(date: Date): [Field, Field] {
  const year = Math.min(Math.max(date.getUTCFullYear(), 1980), 2107);
  const clock =
    (date.getUTCHours() << 11) | (date.getUTCMinutes() << 5) | (date.getUTCSeconds() >> 1);
  const day = ((year - 1980) << 9) | ((date.getUTCMonth() + 1) << 5) | date.getUTCDate();
  return [
    [2, clock],
    [2, day],
  ];
}
