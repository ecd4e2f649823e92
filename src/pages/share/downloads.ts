import type { ByteRange } from '../../onion-http/content/conditions.js';
import type { Representation } from '../../onion-http/content/representation.js';
import { PageRefusal } from '../server/refusal.js';

/** Partly delivered representations remembered; the oldest are dropped. */
const PARTLY_DELIVERED_MAX = 10_000;

export interface DownloadsOptions {
  /** How many complete downloads are allowed; unlimited if undefined */
  readonly limit?: number | undefined;
  /** Called with the number of bytes the socket has taken */
  readonly onDelivered?: ((bytes: number) => void) | undefined;
  /** Called when a file or archive is complete, possibly after several requests */
  readonly onDownload?: ((download: WholeDownload) => void) | undefined;
}

/** What a representation contains. */
export interface Represented {
  /** The path of the file or archived folder; empty for an archive of everything */
  readonly names: readonly string[];
  readonly isArchive: boolean;
}

export interface WholeDownload extends Represented {
  /** The name under which the browser saves it */
  readonly name: string;
  readonly bytes: number;
}

type Counted = Pick<Representation, 'etag' | 'name' | 'size'>;

/** A response in progress; disposed of at its end. */
export interface Download extends Disposable {
  delivered(part: ByteRange): void;
}

/**
 * Counts complete downloads.
 *
 * Visitors of an onion service cannot be told apart. So a representation counts as downloaded n
 * times when each of its bytes has been delivered n times, in any number of requests: a part that
 * was delivered again after an interruption counts once, and an interrupted download not at all.
 * Downloads that are running when the limit is reached continue, and are counted too.
 */
export class Downloads {
  readonly #options: DownloadsOptions;
  readonly #partly = new Map<string, Coverage>();
  readonly #usedUp = new AbortController();
  #count = 0;

  constructor(options: DownloadsOptions = {}) {
    this.#options = options;
  }

  /** Aborts when the limit is reached */
  get usedUp(): AbortSignal {
    return this.#usedUp.signal;
  }

  /** @throws PageRefusal 'limit-reached' once the limit is reached */
  assertOpen(): void {
    if (this.#usedUp.signal.aborted) throw new PageRefusal('limit-reached');
  }

  begin({ etag, name, size }: Counted, of: Represented): Download {
    const { onDelivered } = this.#options;
    let sent: ByteRange | undefined;
    return {
      delivered: (part) => {
        sent = { start: sent?.start ?? part.start, end: part.end };
        onDelivered?.(part.end - part.start);
      },
      [Symbol.dispose]: () => {
        if (sent !== undefined) this.#note({ etag, name, size }, of, sent);
      },
    };
  }

  /** Counts what somebody has received completely in another way than by these pages. */
  count(download: WholeDownload): void {
    this.#count++;
    this.#options.onDownload?.(download);
    if (this.#count >= (this.#options.limit ?? Number.POSITIVE_INFINITY)) this.#usedUp.abort();
  }

  #note({ etag, name, size }: Counted, of: Represented, part: ByteRange): void {
    const whole = size === 0 ? 1 : this.#cover(`${of.names.join('/')}\0${etag}`, size, part);
    for (let count = 0; count < whole; count++) this.count({ ...of, name, bytes: size });
  }

  #cover(key: string, size: number, part: ByteRange): number {
    const coverage = this.#partly.get(key) ?? new Coverage(size);
    const whole = coverage.add(part);
    this.#partly.delete(key);
    if (!coverage.isEven) this.#partly.set(key, coverage);
    for (const oldest of this.#partly.keys()) {
      if (this.#partly.size <= PARTLY_DELIVERED_MAX) break;
      this.#partly.delete(oldest);
    }
    return whole;
  }
}

/** A part that was delivered `times` times; the next part begins at its end. */
interface Segment {
  readonly end: number;
  readonly times: number;
}

/** Segments kept per representation. A delivery that would need more is not counted. */
const SEGMENTS_MAX = 1000;

/** How often each byte of a representation was delivered, not counting completed deliveries. */
export class Coverage {
  #segments: readonly Segment[];

  /** @param size from 1 */
  constructor(size: number) {
    this.#segments = [{ end: size, times: 0 }];
  }

  /** Whether every byte was delivered equally often */
  get isEven(): boolean {
    return this.#segments.length === 1;
  }

  /** @returns how many deliveries of the whole this completes: 0 or 1 */
  add({ start, end }: ByteRange): number {
    const next: Segment[] = [];
    const push = (segmentEnd: number, times: number): void => {
      const last = next.at(-1);
      if (segmentEnd <= (last?.end ?? 0)) return;
      if (last?.times === times) next.pop();
      next.push({ end: segmentEnd, times });
    };
    for (const segment of this.#segments) {
      push(Math.min(segment.end, start), segment.times);
      push(Math.min(segment.end, end), segment.times + 1);
      push(segment.end, segment.times);
    }
    if (next.length > SEGMENTS_MAX) return 0;
    const whole = Math.min(...next.map(({ times }) => times));
    this.#segments = next.map((segment) => ({ ...segment, times: segment.times - whole }));
    return whole;
  }
}
