import type { IncomingMessage, ServerResponse } from 'node:http';
import { sleep } from '../../base/deadline.js';
import type { Representation } from '../../onion-http/content/representation.js';
import type { Represented, WholeDownload } from '../listing/represented.js';
import { PageRefusal } from '../server/refusal.js';
import { arrivalMs } from './arrival.js';
import { AssembledDownloads } from './assembled-downloads.js';
import { Coverage } from './coverage.js';
import { Deliveries, type Delivery, type DeliveryTimes } from './deliveries.js';
import { RunningDownloads } from './running-downloads.js';

/** Representations remembered; the oldest are dropped. */
const REPRESENTATIONS_MAX = 10_000;
/** How often the end looks whether somebody still comes back */
const CHECK_MS = 1000;

export interface DownloadTimes extends DeliveryTimes {
  /** So long after its last reply a representation may be asked for again, beyond the limit too. */
  readonly againMs: number;
  /** The end waits no longer than this for visitors who may ask again. */
  readonly againMaxMs: number;
}

const TIMES: DownloadTimes = {
  // A browser tries again at once, a person takes a moment.
  closedMs: 10_000,
  // What tor has taken leaves it within this time, even through a slow circuit.
  silentMs: 30_000,
  arrivalMs,
  // To notice that a download has failed, and to start it again over a new circuit.
  againMs: 2 * 60_000,
  againMaxMs: 15 * 60_000,
};

export interface DownloadsOptions {
  /** How many complete downloads are allowed; unlimited if undefined */
  readonly limit?: number | undefined;
  /** Called with the number of bytes the socket has taken, what travels again included */
  readonly onDelivered?: ((bytes: number) => void) | undefined;
  /** Called when a visitor has a file or archive, possibly after several requests */
  readonly onDownload?: ((download: WholeDownload) => void) | undefined;
  readonly times?: Partial<DownloadTimes> | undefined;
}

type Counted = Pick<Representation, 'etag' | 'name' | 'size'>;

/** A file or archive that visitors have asked for. */
interface Asked {
  readonly download: WholeDownload;
  readonly coverage: Coverage;
  /** When a reply last began or ended, by `performance.now()` */
  lastAt: number;
  /** Some of it is only presumed to have arrived. */
  isPresumed: boolean;
}

/**
 * Counts complete downloads.
 *
 * Visitors of an onion service cannot be told apart. So a representation counts as downloaded n
 * times when its visitors have received each of its bytes n times, in any number of requests: a part
 * that was delivered again after an interruption counts once, and an interrupted download not at
 * all. `Deliveries` says what counts as received.
 *
 * Downloads that are running when the limit is reached continue, and are counted too. What was asked
 * for by then may be asked for again for a while.
 */
export class Downloads {
  readonly #options: DownloadsOptions;
  readonly #times: DownloadTimes;
  readonly #deliveries: Deliveries;
  readonly #assembled: AssembledDownloads;
  readonly #running = new RunningDownloads();
  /** By what no other bytes have; longest untouched first */
  readonly #asked = new Map<string, Asked>();
  readonly #usedUp = new AbortController();
  #count = 0;

  constructor(options: DownloadsOptions = {}) {
    this.#options = options;
    this.#times = { ...TIMES, ...options.times };
    this.#assembled = new AssembledDownloads(this.#times, (download) => this.#note(download));
    this.#deliveries = new Deliveries({
      times: this.#times,
      hasRoom: () => this.#expected() <= this.#limit,
      onArrived: (key, part, how) => {
        const asked = this.#asked.get(key);
        if (asked === undefined) return;
        if (how === 'presumed') asked.isPresumed = true;
        for (let whole = asked.coverage.add(part); whole > 0; whole--) this.#note(asked.download);
      },
    });
  }

  /** Aborts when the limit is reached. */
  get usedUp(): AbortSignal {
    return this.#usedUp.signal;
  }

  /** To be called with every request, as it shows what arrived on its connection before. */
  asked(request: IncomingMessage): void {
    this.#deliveries.asked(request);
  }

  /** @throws PageRefusal 'limit-reached' if as much was sent as the limit allows */
  assertOpen(): void {
    if (this.#options.limit === undefined) return;
    if (this.#expected() >= this.#limit) throw new PageRefusal('limit-reached');
  }

  /** The same, except for what a visitor may have received in part. */
  assertMayAsk({ etag }: Counted, { names }: Represented): void {
    const key = keyOf(etag, names);
    const before = this.#asked.get(key);
    if (before === undefined) this.assertOpen();
    else if (!this.#mayComeBack(before) && !this.#deliveries.isRunning(key)) this.assertOpen();
  }

  /** The same for a part of a download that a page puts together; undefined for a new one. */
  assertMayAssemble(id: string | undefined): void {
    if (id === undefined || !this.#assembled.mayContinue(id)) this.assertOpen();
  }

  /**
   * Takes a place among the downloads that run on its circuit, for a part of one.
   *
   * @throws PageRefusal 'downloads-at-once' if there are too many
   */
  takePlace(request: IncomingMessage): Disposable {
    return this.#running.begin(request);
  }

  /** A part of a download that a page puts together, which has its place. */
  beginPart(id: string, { name, size }: Counted, of: Represented): Delivery {
    const delivery = this.#assembled.begin(id, { ...of, name, bytes: size });
    return {
      delivered: (part) => {
        delivery.delivered(part);
        this.#options.onDelivered?.(part.end - part.start);
      },
      [Symbol.dispose]: () => delivery[Symbol.dispose](),
    };
  }

  /** Its page says that it has all of it. */
  received(id: string): void {
    this.#assembled.received(id);
  }

  /** @throws PageRefusal 'downloads-at-once' if too many run on its circuit */
  begin(
    request: IncomingMessage,
    response: ServerResponse,
    { etag, name, size }: Counted,
    of: Represented,
  ): Delivery {
    const key = keyOf(etag, of.names);
    const place = this.#running.begin(request);
    let delivery: Delivery | undefined;
    return {
      delivered: (part) => {
        if (delivery === undefined) {
          this.#touch(key, { ...of, name, bytes: size });
          delivery = this.#deliveries.begin(key, request, response);
        }
        delivery.delivered(part);
        this.#options.onDelivered?.(part.end - part.start);
      },
      [Symbol.dispose]: () => {
        place[Symbol.dispose]();
        if (delivery === undefined) return;
        delivery[Symbol.dispose]();
        this.#touch(key, { ...of, name, bytes: size });
      },
    };
  }

  /** Counts what somebody has received completely in another way than by these pages. */
  count(download: WholeDownload): void {
    this.#note(download);
  }

  /** Whether nobody is likely to ask again for something: each visitor has shown to have it all. */
  get isSettled(): boolean {
    if (this.#assembled.isAnyOpen) return false;
    return ![...this.#asked].some(([key, asked]) => this.#isOpen(key, asked));
  }

  /** Resolves when it is settled, or nobody has come back for a while. @throws the signal's reason */
  async settled(signal: AbortSignal): Promise<void> {
    const latest = performance.now() + this.#times.againMaxMs;
    while (performance.now() < latest && !this.isSettled) await sleep(CHECK_MS, signal);
  }

  /** Resolves when it is known of each complete reply whether it counts. @throws the signal's reason */
  async decided(signal: AbortSignal): Promise<void> {
    while (this.#deliveries.isAnyWaiting || this.#assembled.waiting > 0)
      await sleep(CHECK_MS, signal);
  }

  #isOpen(key: string, asked: Asked): boolean {
    if (this.#deliveries.isRunning(key)) return true;
    const isDoubtful = asked.isPresumed || !asked.coverage.isEven || this.#deliveries.has(key);
    return isDoubtful && this.#mayComeBack(asked);
  }

  #mayComeBack({ lastAt }: Asked): boolean {
    return performance.now() - lastAt < this.#times.againMs;
  }

  get #limit(): number {
    return this.#options.limit ?? Number.POSITIVE_INFINITY;
  }

  /** Counts what was sent completely, too: whether it arrived shows later. */
  #expected(): number {
    let expected = this.#count + this.#assembled.waiting;
    for (const key of this.#deliveries.keys()) {
      expected += this.#asked.get(key)?.coverage.wholesWith(this.#deliveries.waiting(key)) ?? 0;
    }
    return expected;
  }

  #touch(key: string, download: WholeDownload): void {
    const now = performance.now();
    const asked = this.#asked.get(key) ?? {
      download,
      coverage: new Coverage(download.bytes),
      isPresumed: false,
      lastAt: now,
    };
    asked.lastAt = now;
    this.#asked.delete(key);
    this.#asked.set(key, asked);
    for (const oldest of this.#asked.keys()) {
      if (this.#asked.size <= REPRESENTATIONS_MAX) break;
      this.#asked.delete(oldest);
    }
  }

  #note(download: WholeDownload): void {
    this.#count++;
    this.#options.onDownload?.(download);
    if (this.#count >= this.#limit) this.#usedUp.abort();
  }
}

function keyOf(etag: string, names: readonly string[]): string {
  return `${names.join('/')}\0${etag}`;
}
