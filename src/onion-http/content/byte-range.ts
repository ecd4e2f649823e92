import rangeParser from 'range-parser';

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
