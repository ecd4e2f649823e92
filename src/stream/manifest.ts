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
const NAME_MAX = 255;
/** A link's target: PATH_MAX of Linux. */
const LINK_TARGET_MAX = 4096;
/** The manifest as JSON, which has to be held in memory whole; it travels deflated. */
export const MANIFEST_MAX_BYTES: number = 64 * 1024 * 1024;

export interface FileEntry {
  readonly type: 'file';
  readonly path: readonly string[];
  /** Bytes; null if it is known only at the end (stdin), for the last entry alone. */
  readonly size: number | null;
  /** Permission bits, 0 to 0o777. */
  readonly mode: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
}

export interface FolderEntry {
  readonly type: 'folder';
  readonly path: readonly string[];
  readonly mode: number;
  readonly mtime: number;
}

export interface LinkEntry {
  readonly type: 'link';
  readonly path: readonly string[];
  readonly target: string;
}

export type Entry = FileEntry | FolderEntry | LinkEntry;

export interface Manifest {
  /** `text`: one entry, to be shown rather than written to a file. */
  readonly kind: 'files' | 'text';
  readonly entries: readonly Entry[];
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

const entry = v.variant('type', [
  v.strictObject({ type: v.literal('file'), path, size, mode, mtime }),
  v.strictObject({ type: v.literal('folder'), path, mode, mtime }),
  v.strictObject({
    type: v.literal('link'),
    path,
    target: v.pipe(v.string(), v.minLength(1), v.maxLength(LINK_TARGET_MAX)),
  }),
]);

/** Shape and sizes only; whether the paths are harmless is judged where they are written. */
const manifestSchema: v.GenericSchema<unknown, Manifest> = v.pipe(
  v.strictObject({
    kind: v.picklist(['files', 'text']),
    entries: v.pipe(
      v.custom<unknown[]>(
        // Before a single one is looked at.
        (entries) => Array.isArray(entries) && entries.length <= MANIFEST_ENTRIES_MAX,
      ),
      v.array(entry),
    ),
  }),
  v.check((manifest) => {
    const last = manifest.entries.length - 1;
    return manifest.entries.every((e, i) => e.type !== 'file' || e.size !== null || i === last);
  }, 'only the last entry may be of unknown size'),
  v.check((manifest) => totalBytes(manifest) <= Number.MAX_SAFE_INTEGER, 'too large'),
);

/** @throws v.ValiError at the first thing that is wrong: there may be millions */
export function parseManifest(value: unknown): Manifest {
  return v.parse(manifestSchema, value, { abortEarly: true });
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
