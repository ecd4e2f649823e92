/** What an inbox takes at most. Bytes are those of the files themselves. */
export interface InboxLimits {
  readonly bytesPerFile: number;
  /** A form's own overhead beyond `FORM_OVERHEAD_BYTES` counts as well. */
  readonly bytesPerUpload: number;
  /** Over the inbox's life, from its opening to its closing. */
  readonly bytesTotal: number;
  /** Files, and folders they lie in, of one upload. */
  readonly filesPerUpload: number;
  /** Files over the inbox's life. */
  readonly filesTotal: number;
  /** What is to stay free on the disk, in bytes. */
  readonly freeBytesKept: number;
  /** A text note in bytes of UTF-8. */
  readonly noteBytes: number;
  /** Uploads that are read from at once; others wait for `waitMs`. */
  readonly uploadsAtOnce: number;
  /** So long an upload waits for its turn before its sender is told that the inbox is busy. */
  readonly waitMs: number;
}

export const DEFAULT_INBOX_LIMITS: InboxLimits = {
  // The disk is the limit.
  bytesPerFile: Number.POSITIVE_INFINITY,
  bytesPerUpload: Number.POSITIVE_INFINITY,
  bytesTotal: Number.POSITIVE_INFINITY,
  // A burst of ten thousand small files in one form is to arrive.
  filesPerUpload: 20_000,
  filesTotal: Number.POSITIVE_INFINITY,
  // With less, other programs on the same disk begin to fail.
  freeBytesKept: 256 * 1024 * 1024,
  noteBytes: 1024 * 1024,
  // More than come through one circuit, so that nobody alone keeps others out; each has a file open
  // and up to 64 KiB of another in memory.
  uploadsAtOnce: 400,
  // Less than the patience of browsers, more than a burst of small files takes.
  waitMs: 20_000,
};

/** What a form with one or a few files adds to their bytes: boundaries, headers, the note's field. */
export const FORM_OVERHEAD_BYTES: number = 64 * 1024;

/** Headers of one part in bytes; a longer one is cut off there, and its name refused as too long. */
export const PART_HEADER_MAX_BYTES: number = 16 * 1024;

/** A file's path as sent, in bytes of UTF-8: PATH_MAX of most systems, with room for the inbox's own. */
export const PATH_MAX_BYTES = 2048;
