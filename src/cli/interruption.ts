import { OnionferryError } from '../base/errors.js';
import { EXIT_STATUS } from './failure.js';

/** An orderly end stops Tor and takes services down; it may take this long. */
const ORDERLY_MS = 8000;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Ends the work at a signal: in order the first time, at once the second time. */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #onFirst: () => void;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param onFirst tells the user that the first signal was received */
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

  /** Ends the work, and after some seconds the process. */
  begin(status: number): void {
    if (this.#closed || this.signal.aborted) return;
    this.#timer = setTimeout(() => process.exit(status), ORDERLY_MS);
    this.#controller.abort(new OnionferryError('ERR_INTERRUPTED', 'interrupted'));
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const name of SIGNALS) process.off(name, this.#hear);
  }

  readonly #hear = (): void => {
    if (this.signal.aborted) process.exit(EXIT_STATUS.interrupted);
    // First, so that an open question ends its line before the user is told.
    this.begin(EXIT_STATUS.interrupted);
    this.#onFirst();
  };
}
