import * as v from 'valibot';

/*
 * What a transfer holds. Its content is one byte sequence: the files' bytes, one after the other in
 * the order of `entries`. A data frame says where in that sequence its bytes belong, so that small
 * files share frames, and many streams carry one file.
 */

/** Entries in one transfer. */
export const MANIFEST_ENTRIES_MAX = 500_000;
/** Folders within folders. */
export const PATH_DEPTH_MAX = 128;
/** One name, in UTF-16 units; file systems allow 255 bytes or units. */
export const NAME_MAX = 255;
/** A link's target: PATH_MAX of Linux. */
const LINK_TARGET_MAX = 4096;
/** Extended attributes of one entry. */
export const ATTRIBUTES_MAX = 100;
/** A value in base64: 64 KiB, XATTR_SIZE_MAX of Linux. */
const ATTRIBUTE_MAX = 87_384;
/** The manifest as JSON; it travels deflated. */
export const MANIFEST_MAX_BYTES: number = 64 * 1024 * 1024;
/** One entry as JSON, and everything but the entries: all attributes that an entry may have. */
export const MANIFEST_ENTRY_MAX_BYTES: number = 9 * 1024 * 1024;
/** Names in all paths together: each costs a recipient more memory than its few bytes on the wire. */
export const MANIFEST_NAMES_MAX = 5_000_000;
/** Entries that are named where something is to be said about them; beyond it they are counted. */
export const LISTED_MAX = 100;

/** Extended attributes: base64 values by name. */
export type Attributes = Readonly<Record<string, string>>;

export interface FileEntry {
  readonly type: 'file';
  readonly path: readonly string[];
  /** Bytes; null if it is known only at the end (stdin), for the last entry alone. */
  readonly size: number | null;
  /** Permission bits, 0 to 0o777. */
  readonly mode: number;
  /** Milliseconds since 1970; negative before. */
  readonly mtime: number;
  readonly xattrs?: Attributes | undefined;
}

export interface FolderEntry {
  readonly type: 'folder';
  readonly path: readonly string[];
  readonly mode: number;
  readonly mtime: number;
  readonly xattrs?: Attributes | undefined;
}

export interface LinkEntry {
  readonly type: 'link';
  readonly path: readonly string[];
  readonly target: string;
}

/** Another name of a file, which travels once. */
export interface HardLinkEntry {
  readonly type: 'hardlink';
  readonly path: readonly string[];
  /** Index of the file in `entries`, before this one. */
  readonly file: number;
}

export type Entry = FileEntry | FolderEntry | LinkEntry | HardLinkEntry;

/** Entries that a person on the other side should know of. */
export interface Listed {
  readonly count: number;
  /** The first of them. */
  readonly paths: readonly (readonly string[])[];
}

export interface Manifest {
  /** `text`: one entry, to be shown rather than written to a file. */
  readonly kind: 'files' | 'text';
  readonly entries: readonly Entry[];
  /** What the sender could not read, and sends the rest without. */
  readonly leftOut?: Listed | undefined;
  /** Entries whose names are not UTF-8 at the sender's: each byte that is not became %XX. */
  readonly escaped?: Listed | undefined;
}

const path = v.pipe(
  v.array(v.pipe(v.string(), v.minLength(1), v.maxLength(NAME_MAX))),
  v.minLength(1),
  v.maxLength(PATH_DEPTH_MAX),
);
const mode = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(0o777));
const mtime = v.pipe(v.number(), v.minValue(-8.64e15), v.maxValue(8.64e15));
const size = v.nullable(
  v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(Number.MAX_SAFE_INTEGER)),
);

const index = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MANIFEST_ENTRIES_MAX));

const listed = v.optional(
  v.strictObject({
    count: v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(Number.MAX_SAFE_INTEGER)),
    paths: v.pipe(v.array(path), v.maxLength(LISTED_MAX)),
  }),
);

/** Attributes of users only (xattr(7)): others mean something to the recipient's system. */
const xattrs = v.optional(
  v.pipe(
    v.record(
      v.pipe(v.string(), v.startsWith('user.'), v.maxLength(NAME_MAX)),
      v.pipe(v.string(), v.maxLength(ATTRIBUTE_MAX), v.base64()),
    ),
    v.check((attributes) => Object.keys(attributes).length <= ATTRIBUTES_MAX),
  ),
);

const entry = v.variant('type', [
  v.strictObject({ type: v.literal('file'), path, size, mode, mtime, xattrs }),
  v.strictObject({ type: v.literal('folder'), path, mode, mtime, xattrs }),
  v.strictObject({
    type: v.literal('link'),
    path,
    target: v.pipe(v.string(), v.minLength(1), v.maxLength(LINK_TARGET_MAX)),
  }),
  v.strictObject({ type: v.literal('hardlink'), path, file: index }),
]);

const restSchema = v.strictObject({
  kind: v.picklist(['files', 'text']),
  entries: v.pipe(v.array(v.unknown()), v.maxLength(0)),
  leftOut: listed,
  escaped: listed,
});

/**
 * Checks a manifest entry by entry, and makes entries that take little memory. Shape and sizes only;
 * whether the paths are harmless is judged where they are written.
 */
export class ManifestBuilder {
  readonly #entries: Entry[] = [];
  #names = 0;
  #bytes = 0;
  #isOpenEnded = false;

  /** @throws v.ValiError, or Error if it cannot stand there */
  add(value: unknown): void {
    if (this.#entries.length >= MANIFEST_ENTRIES_MAX) throw new Error('too many entries');
    if (this.#isOpenEnded) throw new Error('only the last entry may be of unknown size');
    const next = compact(v.parse(entry, value, { abortEarly: true }));
    if (next.type === 'hardlink' && this.#entries[next.file]?.type !== 'file') {
      throw new Error('another name of what is no file before it');
    }
    if (next.type === 'file') {
      this.#isOpenEnded = next.size === null;
      this.#bytes += next.size ?? 0;
      if (this.#bytes > Number.MAX_SAFE_INTEGER) throw new Error('too large');
    }
    this.#names += next.path.length;
    if (this.#names > MANIFEST_NAMES_MAX) throw new Error('too many names');
    this.#entries.push(next);
  }

  /**
   * @param rest the manifest, without its entries
   * @throws v.ValiError
   */
  end(rest: unknown): Manifest {
    return { ...v.parse(restSchema, rest, { abortEarly: true }), entries: this.#entries };
  }
}

/** Made in one go, an object or array takes half of what a growing one does. */
function compact(checked: Entry): Entry {
  const { type } = checked;
  const path = checked.path.slice();
  switch (type) {
    case 'link':
      return { type, path, target: checked.target };
    case 'hardlink':
      return { type, path, file: checked.file };
    case 'folder': {
      const { mode, mtime, xattrs } = checked;
      return xattrs === undefined
        ? { type, path, mode, mtime }
        : { type, path, mode, mtime, xattrs };
    }
    case 'file': {
      const { size, mode, mtime, xattrs } = checked;
      return xattrs === undefined
        ? { type, path, size, mode, mtime }
        : { type, path, size, mode, mtime, xattrs };
    }
  }
}

/** Files as a person counts them: by their names. */
export function fileCount({ entries }: Manifest): number {
  return entries.reduce(
    (sum, { type }) => sum + (type === 'file' || type === 'hardlink' ? 1 : 0),
    0,
  );
}

/** Bytes of all files whose size is known. */
export function totalBytes(manifest: Manifest): number {
  return manifest.entries.reduce((sum, e) => sum + (e.type === 'file' ? (e.size ?? 0) : 0), 0);
}

/** Whether the sender itself does not know yet how long the content is. */
export function isOpenEnded(manifest: Manifest): boolean {
  const last = manifest.entries.at(-1);
  return last?.type === 'file' && last.size === null;
}
