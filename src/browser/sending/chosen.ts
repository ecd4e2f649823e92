import type { Bytes } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import type { Source } from '../../session/sending/source.js';
import { ContentLayout } from '../../stream/content-layout.js';
import {
  type Entry,
  MANIFEST_ENTRIES_MAX,
  type Manifest,
  PATH_DEPTH_MAX,
} from '../../stream/manifest.js';

/** Pages are not told a file's mode. */
const FILE_MODE = 0o644;
const FOLDER_MODE = 0o755;

/** What a page needs of a File that a person has chosen; a Blob holds a text. */
export interface ChosenFile {
  readonly path: readonly string[];
  readonly modified: number;
  readonly content: Blob;
}

/** @throws OnionferryError ERR_SOURCE if there is too much of it, or two would have the same name */
export function choose(kind: 'files' | 'text', files: readonly ChosenFile[]): Source {
  const entries: Entry[] = [];
  const contents = new Map<number, Blob>();
  const folders = new Set<string>();
  for (const { path, modified: mtime, content } of files) {
    for (let depth = 1; depth < path.length; depth++) {
      const folder = path.slice(0, depth);
      const key = folder.join('/');
      if (folders.has(key)) continue;
      folders.add(key);
      entries.push({ type: 'folder', path: folder, mode: FOLDER_MODE, mtime });
    }
    contents.set(entries.length, content);
    entries.push({ type: 'file', path, size: content.size, mode: FILE_MODE, mtime });
  }
  assertSendable(entries);
  const manifest: Manifest = { kind, entries };
  const layout = new ContentLayout(manifest);
  return {
    manifest,
    warnings: [],
    async read(position, into): Promise<number> {
      let at = 0;
      for (const { placement, offset, length } of layout.spans(position, into.length)) {
        into.set(await readPart(contents.get(placement.index), offset, length), at);
        at += length;
      }
      return at;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function assertSendable(entries: readonly Entry[]): void {
  const names = new Set(entries.map(({ path }) => path.join('/')));
  if (names.size < entries.length) throw unsendable('two of them have the same name');
  const isTooMuch =
    entries.length > MANIFEST_ENTRIES_MAX || entries.some((e) => e.path.length > PATH_DEPTH_MAX);
  if (isTooMuch) throw unsendable('there are too many files or folders; pack them first');
}

async function readPart(blob: Blob | undefined, start: number, length: number): Promise<Bytes> {
  let part: Bytes;
  try {
    part = new Uint8Array(
      (await blob?.slice(start, start + length).arrayBuffer()) ?? new ArrayBuffer(0),
    );
  } catch (cause) {
    // Browsers refuse to read a file that is not as it was when it was chosen.
    const sentence = 'a file cannot be read any more, or has changed; choose it again';
    throw new OnionferryError('ERR_SOURCE_CHANGED', sentence, { cause });
  }
  if (part.length === length) return part;
  throw new OnionferryError('ERR_SOURCE_CHANGED', 'a file has become shorter; choose it again');
}

function unsendable(why: string): OnionferryError {
  return new OnionferryError('ERR_SOURCE', `this cannot be sent: ${why}`);
}
