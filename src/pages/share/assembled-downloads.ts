import { Ranges } from '../../stream/ranges.js';
import type { WholeDownload } from '../listing/represented.js';
import type { Delivery } from './deliveries.js';

/** Downloads remembered; the oldest are dropped. */
const REMEMBERED = 1000;

export interface AssembledTimes {
  /** A visitor who was sent everything and asks for nothing more so long has it all. */
  readonly silentMs: number;
  /** So long after its last part a download may go on. */
  readonly againMs: number;
}

/**
 * `partly`: some of it was sent. `sent`: all of it was. Then it has arrived, as its page says
 * (`sure`), or as nobody has asked for any of it again (`presumed`).
 */
type State = 'partly' | 'sent' | 'presumed' | 'sure';

interface Assembled {
  readonly download: WholeDownload;
  /** What sockets have taken */
  readonly sent: Ranges;
  state: State;
  running: number;
  /** When a part last began or ended, by `performance.now()` */
  lastAt: number;
  timer: NodeJS.Timeout | undefined;
}

/**
 * Downloads that pages put together from parts. Each has an identifier of its own, so unlike those
 * of `Deliveries` they can be told apart: each counts once, however often a part of it was sent.
 */
export class AssembledDownloads {
  readonly #times: AssembledTimes;
  readonly #onArrived: (download: WholeDownload) => void;
  /** Oldest first */
  readonly #known = new Map<string, Assembled>();

  constructor(times: AssembledTimes, onArrived: (download: WholeDownload) => void) {
    this.#times = times;
    this.#onArrived = onArrived;
  }

  /** Those that were sent completely and are not counted yet. */
  get waiting(): number {
    return [...this.#known.values()].filter(({ state }) => state === 'sent').length;
  }

  /** Whether somebody is likely to ask for more of one. */
  get isAnyOpen(): boolean {
    return [...this.#known.values()].some(
      (one) => one.running > 0 || (one.state !== 'sure' && this.#mayComeBack(one)),
    );
  }

  /** Whether this one has begun and may go on, beyond the limit too. */
  mayContinue(id: string): boolean {
    const known = this.#known.get(id);
    return known !== undefined && (known.running > 0 || this.#mayComeBack(known));
  }

  /** A part of it is being sent. */
  begin(id: string, download: WholeDownload): Delivery {
    const one = this.#known.get(id) ?? this.#remember(id, download);
    one.running++;
    this.#touch(one);
    return {
      delivered: ({ start, end }) => {
        one.sent.add(start, end);
        if (one.state === 'partly' && one.sent.bytes === download.bytes) one.state = 'sent';
      },
      [Symbol.dispose]: () => {
        one.running--;
        this.#touch(one);
      },
    };
  }

  /** Its page says that it has everything. That counts if everything was sent. */
  received(id: string): void {
    const one = this.#known.get(id);
    if (one === undefined || one.state === 'partly') return;
    clearTimeout(one.timer);
    this.#arrived(one, 'sure');
  }

  #remember(id: string, download: WholeDownload): Assembled {
    const one: Assembled = {
      ...{ download, sent: new Ranges(), state: 'partly', running: 0, lastAt: 0 },
      timer: undefined,
    };
    this.#known.set(id, one);
    for (const [oldest, { timer }] of this.#known) {
      if (this.#known.size <= REMEMBERED) break;
      clearTimeout(timer);
      this.#known.delete(oldest);
    }
    return one;
  }

  #touch(one: Assembled): void {
    one.lastAt = performance.now();
    clearTimeout(one.timer);
    if (one.state !== 'sent' || one.running > 0) return;
    one.timer = setTimeout(() => this.#arrived(one, 'presumed'), this.#times.silentMs);
    one.timer.unref();
  }

  #arrived(one: Assembled, how: 'presumed' | 'sure'): void {
    const isNew = one.state === 'sent';
    one.state = how;
    if (isNew) this.#onArrived(one.download);
  }

  #mayComeBack({ lastAt }: Assembled): boolean {
    return performance.now() - lastAt < this.#times.againMs;
  }
}
