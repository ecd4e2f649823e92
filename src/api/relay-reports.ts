import type { RelayCounts } from '../relay/server/relay-counts.js';
import type { Work } from './handle.js';

/** A busy relay changes with each packet. */
const REPORT_EVERY_MS = 5_000;

export interface RelayReportsOptions {
  readonly emit: Work['emit'];
  readonly counts: () => RelayCounts;
  /** For tests. */
  readonly everyMs?: number;
}

/** Tells what a relay does: at once, from time to time if something has changed, and at the end. */
export class RelayReports implements Disposable {
  readonly #options: RelayReportsOptions;
  readonly #timer: NodeJS.Timeout;
  #last = '';

  constructor(options: RelayReportsOptions) {
    this.#options = options;
    this.#tell();
    this.#timer = setInterval(() => this.#tell(), options.everyMs ?? REPORT_EVERY_MS).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#tell();
  }

  #tell(): void {
    const counts = this.#options.counts();
    const now = JSON.stringify(counts);
    if (now === this.#last) return;
    this.#last = now;
    this.#options.emit({ event: 'relay', ...counts });
  }
}
