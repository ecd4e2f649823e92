import * as v from 'valibot';
import type { Range } from '../../stream/ranges.js';
import { PARTS_MAX } from './tus-headers.js';

/** Pieces that an upload may lie in. Our own page leaves one gap for each request. */
export const RANGES_MAX = 2048;

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** A note may have been written by another version, or be damaged. */
const NOTE = v.object({
  length: count,
  metadata: v.pipe(v.string(), v.maxLength(16_384)),
  isPartial: v.boolean(),
  isHidden: v.optional(v.boolean(), false),
  expires: count,
  received: v.pipe(v.array(v.tuple([count, count])), v.maxLength(RANGES_MAX)),
  joined: v.optional(
    v.pipe(
      v.array(v.object({ id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)), length: count })),
      v.maxLength(PARTS_MAX),
    ),
    [],
  ),
});

/** A part whose content stands behind that of another, which has taken its place. */
export interface JoinedPart {
  readonly id: string;
  /** In bytes */
  readonly length: number;
}

/** What is on the disk beside an upload. */
export interface UploadNote {
  /** Its own, in bytes */
  readonly length: number;
  /** Upload-Metadata as it was sent; not on the disk if the upload is hidden */
  readonly metadata: string;
  readonly isPartial: boolean;
  /** Whether its file can be read only by the process that has written it */
  readonly isHidden: boolean;
  /** In ms since 1970 */
  readonly expires: number;
  readonly received: readonly Range[];
  /** In the order in which they stand behind its own content */
  readonly joined: readonly JoinedPart[];
}

/** @returns undefined for anything else */
export function parseNote(text: string): UploadNote | undefined {
  try {
    const parsed = v.safeParse(NOTE, JSON.parse(text));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
