import { suspended } from '../api/handle.js';
import { OnionferryError } from '../base/errors.js';
import { EXIT_STATUS } from './failure.js';

/** An orderly end stops Tor and takes services down; it may take this long. */
const ORDERLY_MS = 8000;

/**
 * `giving-up`: a person wants no more of it, and what has arrived is removed.
 * `suspending`: the program has to end, and keeps what can be resumed.
 */
export type Ending = 'giving-up' | 'suspending';

/**
 * Ends the work at a signal. Ctrl-C alone is a person who gives up; SIGTERM and SIGHUP come from
 * machines that shut down, windows that are closed and connections that are lost.
 *
 * SIGQUIT is left to the system: like SIGKILL it ends the program at once, and what has arrived can
 * be resumed.
 */
export class Interruption {
  readonly #controller = new AbortController();
  readonly #onFirst: (ending: Ending) => void;
  readonly #ignoresHangUp: boolean;
  #status: number = EXIT_STATUS.interrupted;
  #orderlyMs = ORDERLY_MS;
  #suspendedStatus: number = EXIT_STATUS.suspended;
  #onHangUp: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  /**
   * @param onFirst tells the user that the first signal was received
   * @param ignoresHangUp whether the program was started so that it outlives its terminal
   */
  constructor(onFirst: (ending: Ending) => void, ignoresHangUp: boolean) {
    this.#onFirst = onFirst;
    this.#ignoresHangUp = ignoresHangUp;
  }

  /** Aborts with ERR_INTERRUPTED or ERR_SUSPENDED. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  listen(): void {
    process.on('SIGINT', this.#giveUp);
    process.on('SIGTERM', this.suspend);
    // Without a listener it would end the program, also when it was ignored at the start: node
    // gives every signal its default meaning.
    process.on('SIGHUP', this.hangUp);
  }

  /**
   * For a program that only serves: SIGTERM is then no failure.
   *
   * @param drainMs how much longer than usual an orderly end may take
   * @param onHangUp called instead of ending the work
   */
  serve({ drainMs, onHangUp }: { drainMs: number; onHangUp?: (() => void) | undefined }): void {
    this.#orderlyMs = ORDERLY_MS + drainMs;
    this.#suspendedStatus = 0;
    this.#onHangUp = onHangUp;
  }

  /** Ends the work, and after some seconds the process. The first call counts. */
  begin(ending: Ending, status: number): void {
    if (this.#closed || this.signal.aborted) return;
    this.#status = status;
    this.#timer = setTimeout(() => process.exit(status), this.#orderlyMs);
    this.#controller.abort(
      ending === 'giving-up' ? new OnionferryError('ERR_INTERRUPTED', 'interrupted') : suspended(),
    );
  }

  /** The terminal was closed; that is nothing to a program that is to outlive it. */
  readonly hangUp = (): void => {
    if (this.#onHangUp !== undefined) this.#onHangUp();
    else if (!this.#ignoresHangUp) this.suspend();
  };

  /**
   * Again changes nothing: a closed window sends SIGHUP from the shell and from the kernel, and a
   * service manager SIGHUP after SIGTERM.
   */
  readonly suspend = (): void => {
    if (!this.#closed && !this.signal.aborted) this.#end('suspending', this.#suspendedStatus);
  };

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    // The other two may come once more, and are not to end a program that is about to end by itself.
    process.off('SIGINT', this.#giveUp);
  }

  /** The second Ctrl-C does not wait for an orderly end. */
  readonly #giveUp = (): void => {
    if (this.signal.aborted) process.exit(this.#status);
    this.#end('giving-up', EXIT_STATUS.interrupted);
  };

  #end(ending: Ending, status: number): void {
    // First, so that an open question ends its line before the user is told.
    this.begin(ending, status);
    this.#onFirst(ending);
  }
}
