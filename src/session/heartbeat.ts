import { OnionferryError } from '../base/errors.js';
import { HEARTBEAT_MS, SILENCE_MAX_MS } from '../stream/silence.js';

export interface HeartbeatOptions {
  readonly beat: () => void;
  readonly onSilence: (error: OnionferryError) => void;
  readonly heartbeatMs?: number | undefined;
  readonly silenceMaxMs?: number | undefined;
}

/** Keeps a conversation alive and notices when the other side has stopped taking part in it. */
export class Heartbeat implements Disposable {
  readonly #beating: NodeJS.Timeout;
  readonly #listening: NodeJS.Timeout;
  #resting = false;
  #ended = false;

  constructor(options: HeartbeatOptions) {
    this.#beating = setInterval(options.beat, options.heartbeatMs ?? HEARTBEAT_MS);
    this.#listening = setTimeout(() => {
      if (this.#resting) this.#listening.refresh();
      else options.onSilence(silent());
    }, options.silenceMaxMs ?? SILENCE_MAX_MS);
  }

  /** From now on the other side is expected to say something. */
  listen(): void {
    this.#resting = false;
    // It would bring a cleared timer back to life.
    if (!this.#ended) this.#listening.refresh();
  }

  /** This side itself does not listen for now: a person is asked, or a disk syncs. */
  rest(): void {
    this.#resting = true;
  }

  [Symbol.dispose](): void {
    this.#ended = true;
    clearInterval(this.#beating);
    clearTimeout(this.#listening);
  }
}

function silent(): OnionferryError {
  return new OnionferryError('ERR_PEER_GONE', 'the other side has stopped answering; try again');
}
