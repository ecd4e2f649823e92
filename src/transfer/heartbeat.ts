import { OnionferryError } from '../base/errors.js';

/** A side with nothing to say says so this often. */
export const HEARTBEAT_MS = 15_000;
/** A side that is silent for longer is gone: four heartbeats. */
export const SILENCE_MAX_MS = 60_000;

export interface HeartbeatOptions {
  readonly beat: () => void;
  readonly onSilence: (error: OnionferryError) => void;
  readonly heartbeatMs?: number | undefined;
  readonly silenceMaxMs?: number | undefined;
}

/** Keeps a conversation alive and notices when the other side has stopped taking part in it. */
export class Heartbeat implements Disposable {
  readonly #beating: NodeJS.Timeout;
  readonly #options: HeartbeatOptions;
  #listening: NodeJS.Timeout | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#beating = setInterval(options.beat, options.heartbeatMs ?? HEARTBEAT_MS);
    this.listen();
  }

  /** From now on the other side is expected to say something. */
  listen(): void {
    clearTimeout(this.#listening);
    this.#listening = setTimeout(() => {
      this.#options.onSilence(
        new OnionferryError('ERR_PEER_GONE', 'the other side has stopped answering; try again'),
      );
    }, this.#options.silenceMaxMs ?? SILENCE_MAX_MS);
  }

  /** This side itself does not listen for now: a person is asked, or a disk syncs. */
  rest(): void {
    clearTimeout(this.#listening);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#beating);
    clearTimeout(this.#listening);
  }
}
