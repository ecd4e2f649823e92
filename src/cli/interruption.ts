import { OnionferryError } from '../base/errors.js';
import { EXIT_STATUS } from './exit-status.js';

/** A polite end closes Tor and takes services down; it may take this long. */
const POLITE_MS = 8000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends the work when the user or the system wants that: politely at first, then at once. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #onFirst: () => void;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param onFirst tells the user that the first signal was heard */
  constructor(onFirst: () => void) {
    this.#onFirst = onFirst;
  }

  /** Aborts with ERR_INTERRUPTED. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  listen(): void {
    for (const name of SIGNALS) process.on(name, this.#hear);
  }

  /** Ends the work; if that does not succeed in some seconds, the process. */
  begin(status: number): void {
    if (this.#closed || this.signal.aborted) return;
    this.#timer = setTimeout(() => process.exit(status), POLITE_MS);
    this.#controller.abort(new OnionferryError('ERR_INTERRUPTED', 'interrupted'));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const name of SIGNALS) process.off(name, this.#hear);
  }

  readonly #hear = (): void => {
    if (this.signal.aborted) process.exit(EXIT_STATUS.interrupted);
    // A question that is open ends its line first.
    this.begin(EXIT_STATUS.interrupted);
    this.#onFirst();
  };
}
