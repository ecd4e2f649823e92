/** The limits of an inbox. Bytes are those of the files themselves. */
export interface InboxLimits {
  readonly bytesPerFile: number;
  /** Overhead of the form beyond `FORM_OVERHEAD_BYTES` counts too */
  readonly bytesPerUpload: number;
  /** From the inbox's opening to its closing */
  readonly bytesTotal: number;
  /** That may lie in the inbox's folder at once, whoever has put it there */
  readonly bytesKept: number;
  /** Files and folders in one upload */
  readonly filesPerUpload: number;
  /** Files from the inbox's opening to its closing */
  readonly filesTotal: number;
  /** Disk space to keep free, in bytes */
  readonly freeBytesKept: number;
  /** A text note, in bytes of UTF-8 */
  readonly noteBytes: number;
  /** Simultaneous uploads; further ones wait, or take the place of one of somebody with many */
  readonly uploadsAtOnce: number;
  /** Uploads that have begun and wait for the rest, of everybody */
  readonly unfinishedUploads: number;
  /** The same, begun through one circuit */
  readonly unfinishedPerCircuit: number;
  /** How long such an upload is kept after its last bytes, also when the inbox is closed meanwhile */
  readonly unfinishedMs: number;
  /** After so long without bytes it holds only the room of what has arrived */
  readonly unfinishedIdleMs: number;
  /** How long an upload waits for its turn before it is refused as busy */
  readonly waitMs: number;
}

/** Files that the page sends ahead of one form. */
export const STAGED_MAX = 500;
/** Browsers compute SHA-256 natively only of what lies in memory, so a page does it by such units. */
export const DIGEST_UNIT_BYTES: number = 1024 * 1024;
/** Smaller files go with the form: one request for all of them costs less. */
export const STAGED_MIN_BYTES: number = 1024 * 1024;

export const DEFAULT_INBOX_LIMITS: InboxLimits = {
  // The disk is the limit.
  bytesPerFile: Number.POSITIVE_INFINITY,
  bytesPerUpload: Number.POSITIVE_INFINITY,
  bytesTotal: Number.POSITIVE_INFINITY,
  bytesKept: Number.POSITIVE_INFINITY,
  // Ten thousand small files in one form must arrive.
  filesPerUpload: 20_000,
  filesTotal: Number.POSITIVE_INFINITY,
  // With less, other programs begin to fail.
  freeBytesKept: 256 * 1024 * 1024,
  noteBytes: 1024 * 1024,
  // Nearly as many as connections; who has most gives way. Each has one file open and up to 64 KiB of
  // another in memory.
  uploadsAtOnce: 400,
  // Browsers wait longer, and a burst of small files takes less.
  waitMs: 20_000,
  // Each has two small files and some kilobytes in memory.
  unfinishedUploads: 2000,
  unfinishedPerCircuit: STAGED_MAX,
  // A night without a connection, and the next day to come back.
  unfinishedMs: 24 * 60 * 60_000,
  unfinishedIdleMs: 10 * 60_000,
};

/** Boundaries, headers and the note in a form with a few files. */
export const FORM_OVERHEAD_BYTES: number = 64 * 1024;

/** Headers of one part, in bytes. Longer ones are cut off, and the name is refused as too long. */
export const PART_HEADER_MAX_BYTES: number = 16 * 1024;

/** A file's path as sent, in bytes of UTF-8: half of the usual PATH_MAX, to leave room for the inbox's path. */
export const PATH_MAX_BYTES = 2048;
