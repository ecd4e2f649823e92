import type { Representation } from '../../onion-http/content/representation.js';
import { formatPath, parsePath } from './url-path.js';

export const FILES_PATH = '/files/';
const ARCHIVE_PATH = '/zip/';
const EVERYTHING_PATH = '/everything.zip';
const EXTENSION = '.zip';

/** What a representation contains. */
export interface Represented {
  /** The path of the file or archived folder; empty for an archive of everything */
  readonly names: readonly string[];
  readonly isArchive: boolean;
}

/** What a visitor has got, possibly by several requests. */
export interface WholeDownload extends Represented {
  /** The name under which the browser saves it */
  readonly name: string;
  readonly bytes: number;
}

/** Something that is open for being served; disposed of when that is done. */
export interface Opened extends Disposable {
  readonly representation: Representation;
}

/** `/files/a/c.txt` for a file, `/zip/a/b.zip` for the folder `a/b`, `/everything.zip` for all of it. */
export function pathOf({ names, isArchive }: Represented): string {
  if (!isArchive) return `${FILES_PATH}${formatPath(names)}`;
  return names.length === 0 ? EVERYTHING_PATH : `${ARCHIVE_PATH}${formatPath(names)}${EXTENSION}`;
}

/** The opposite, of a path as it was sent. @returns undefined for a path that names nothing of these */
export function representedAt(path: string): Represented | undefined {
  if (path === EVERYTHING_PATH) return { names: [], isArchive: true };
  const isArchive = path.startsWith(ARCHIVE_PATH);
  if (!isArchive && !path.startsWith(FILES_PATH)) return undefined;
  const parsed = parsePath(path.slice((isArchive ? ARCHIVE_PATH : FILES_PATH).length));
  const last = parsed?.names.at(-1);
  if (parsed === undefined || parsed.isFolder || last === undefined) return undefined;
  if (!isArchive) return { names: parsed.names, isArchive };
  if (!last.endsWith(EXTENSION)) return undefined;
  return { names: [...parsed.names.slice(0, -1), last.slice(0, -EXTENSION.length)], isArchive };
}
