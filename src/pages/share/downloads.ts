import type { ByteRange } from '../../onion-http/content/byte-range.js';
import type { Representation } from '../../onion-http/content/representation.js';
import { PageRefusal } from '../server/refusal.js';
import { Coverage } from './coverage.js';

/** Representations of which parts were delivered; beyond it the oldest ones are forgotten. */
const PARTLY_DELIVERED_MAX = 10_000;

export interface DownloadsOptions {
  /** Whole downloads; without it there is no end to them */
  readonly limit?: number | undefined;
  /** Told of bytes that the socket has taken. */
  readonly onDelivered?: ((bytes: number) => void) | undefined;
  /** Told when a whole file or archive was delivered, be it in several requests. */
  readonly onDownload?: ((download: WholeDownload) => void) | undefined;
}

/** What a representation is of. */
export interface Represented {
  /** The file's path, or that of the folder in an archive; none for an archive of everything */
  readonly names: readonly string[];
  readonly isArchive: boolean;
}

export interface WholeDownload extends Represented {
  /** Under which the browser keeps it */
  readonly name: string;
  readonly bytes: number;
}

type Counted = Pick<Representation, 'etag' | 'name' | 'size'>;

/** One reply that is under way; disposed of when it is through. */
export interface Download extends Disposable {
  delivered(part: ByteRange): void;
}

/**
 * Counts what is really delivered.
 *
 * Who downloads cannot be told apart behind an onion. So a representation has been downloaded n
 * times when each of its bytes has been delivered n times, in however many requests: what was
 * delivered twice to somebody who tried again counts once, and what was broken off not at all.
 * Downloads that were under way when the limit was reached are counted too, and go on.
 */
export class Downloads {
  readonly #options: DownloadsOptions;
  readonly #partly = new Map<string, Coverage>();
  readonly #usedUp = new AbortController();
  #count = 0;

  constructor(options: DownloadsOptions = {}) {
    this.#options = options;
  }

  /** Aborts when the limit is reached. */
  get usedUp(): AbortSignal {
    return this.#usedUp.signal;
  }

  /** @throws PageRefusal 'limit-reached' once nothing new is served */
  assertOpen(): void {
    if (this.#usedUp.signal.aborted) throw new PageRefusal('limit-reached');
  }

  begin({ etag, name, size }: Counted, of: Represented): Download {
    const { onDelivered } = this.#options;
    let through: ByteRange | undefined;
    return {
      delivered: (part) => {
        through = { start: through?.start ?? part.start, end: part.end };
        onDelivered?.(part.end - part.start);
      },
      [Symbol.dispose]: () => {
        if (through !== undefined) this.#note({ etag, name, size }, of, through);
      },
    };
  }

  #note({ etag, name, size }: Counted, of: Represented, part: ByteRange): void {
    const whole = size === 0 ? 1 : this.#cover(`${of.names.join('/')}\0${etag}`, size, part);
    if (whole === 0) return;
    this.#count += whole;
    this.#options.onDownload?.({ ...of, name, bytes: size });
    if (this.#count >= (this.#options.limit ?? Number.POSITIVE_INFINITY)) this.#usedUp.abort();
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
