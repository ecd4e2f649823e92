/** What the page's own address tells its script, as JSON, each time that it asks. */
export interface ParallelPlan {
  /** The version: another one means that what was fetched before belongs to another file. */
  readonly version: string;
  readonly bytes: number;
  /** Opens parts of it, at the page's own address and at its siblings */
  readonly ticket: string;
  /** Origins of siblings that can be reached now */
  readonly origins: readonly string[];
}

/** Checksums of what is fetched, as JSON. */
export interface ParallelDigests {
  /** Of the whole, in hex */
  readonly sha256: string;
  /** Of each unit, in base64, 32 bytes each */
  readonly units: string;
}

/** What pages ask for while siblings come online, as JSON. */
export interface SiblingsOnline {
  /** Origins of those that can be reached now */
  readonly origins: readonly string[];
  /** How many there will be */
  readonly siblings: number;
  /** A path at which each of them answers with nothing */
  readonly greeting: string;
}

/** Where a page's script finds what it asks of its own address; each begins with the routes' base. */
export const PARALLEL_PATHS = {
  /** Before the path of a file or archive: the page that fetches it */
  page: '/parallel/page',
  /** The same: its plan, with the last ticket as a query, if there was one */
  plan: '/parallel/plan',
  /** Before a ticket: parts of it */
  range: '/parallel/range/',
  /** Before a ticket: its checksums */
  digests: '/parallel/digests/',
  /** Before a ticket, with POST: the page has all of it */
  received: '/parallel/received/',
  /**
   * Somebody may soon want the siblings: which of them are online. With `?known=N` it answers when
   * more than so many are.
   */
  ready: '/parallel/ready',
  /** The script of pages that link to the one that fetches; who runs it may soon want them, too. */
  script: '/parallel/listing.js',
} as const;

/** In the fragment of a link to the page: begins at once. */
export const AT_ONCE = 'now';
