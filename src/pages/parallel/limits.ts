/** Below this, circuits take longer to begin than one of them takes to carry it. */
export const PARALLEL_MIN_BYTES: number = 8 * 1024 * 1024;

/**
 * What a page puts together at most. All of it lies in the browser's memory until it is saved, for a
 * moment twice, beside a browser that needs half a gigabyte itself.
 */
export const PARALLEL_MAX_BYTES: number = 512 * 1024 * 1024;

/** Each unit has a checksum of its own; what arrives damaged or is cut off is fetched again by units. */
export const UNIT_BYTES: number = 256 * 1024;

/** More than a page asks for at a time: a circuit that dies should not take much with it. */
export const RANGE_MAX_BYTES: number = 16 * 1024 * 1024;

/** Addresses besides the page's own. With more, another circuit hardly adds to what a browser carries. */
export const SIBLINGS = 8;

/** Whether a page offers to fetch it over several addresses. */
export function isWorthParallel(bytes: number | undefined): boolean {
  return bytes !== undefined && bytes >= PARALLEL_MIN_BYTES;
}
