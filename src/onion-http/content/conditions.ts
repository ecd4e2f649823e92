import type { IncomingHttpHeaders } from 'node:http';
import fresh from 'fresh';
import rangeParser from 'range-parser';

/** What tells two versions of a representation apart. */
export interface Validators {
  readonly etag: string;
  /** As in Last-Modified; undefined if that header is not sent. */
  readonly modified: string | undefined;
}

/**
 * The status that ends a request because of its conditions, evaluated in the order of RFC 9110,
 * section 13.2.2: 412 for a client that would resume another version, 304 for one that has it all.
 */
export function judgeConditions(
  headers: IncomingHttpHeaders,
  { etag, modified }: Validators,
): 304 | 412 | undefined {
  const match = headers['if-match'];
  if (match !== undefined) {
    if (!listsStrongly(match, etag)) return 412;
  } else if (isLaterThan(modified, headers['if-unmodified-since'])) {
    return 412;
  }
  return fresh(headers, { etag, 'last-modified': modified }) ? 304 : undefined;
}

/** Whether If-Range (section 13.1.5) lets the Range header count; always without If-Range. */
export function mayResume(headers: IncomingHttpHeaders, { etag, modified }: Validators): boolean {
  const validator = headers['if-range'];
  if (validator === undefined) return true;
  return validator === etag || (modified !== undefined && validator === modified);
}

/** Weak tags never match here (section 13.1.1). */
function listsStrongly(list: string, etag: string): boolean {
  if (list.trim() === '*') return true;
  return [...list.matchAll(/(?:W\/)?"[^"]*"/g)].some(([tag]) => tag === etag);
}

function isLaterThan(modified: string | undefined, limit: string | undefined): boolean {
  if (modified === undefined || limit === undefined) return false;
  // An invalid date is NaN, and is to be ignored (section 13.1.4).
  return Date.parse(modified) > Date.parse(limit);
}

/** Some bytes of a representation: from `start` up to but without `end`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * What a Range header asks for (RFC 9110, section 14.2).
 *
 * @returns undefined if it is to be ignored: another unit, not well-formed, or several ranges
 */
export function requestedRange(
  header: string,
  size: number,
): ByteRange | 'unsatisfiable' | undefined {
  const ranges = rangeParser(size, shortened(header.trim().toLowerCase(), size));
  if (ranges === -2) return undefined;
  if (ranges === -1)
    return header.trim().toLowerCase().startsWith('bytes=') ? 'unsatisfiable' : undefined;
  const [range] = ranges;
  if (ranges.type !== 'bytes' || ranges.length !== 1 || range === undefined) return undefined;
  return { start: range.start, end: range.end + 1 };
}

/** A suffix longer than the whole means the whole (section 14.1.2); range-parser refuses it. */
function shortened(header: string, size: number): string {
  return header.replace(/^(bytes=\s*-)(\d+)$/, (_, start: string, length: string) => {
    return `${start}${Math.min(Number(length), size)}`;
  });
}
