/**
 * How long a sender that owes content may leave all streams silent after one of them has died. When
 * a machine vanishes, streams may be left that nobody ends; only missing keepalives show that.
 */
const LIVENESS_MS = 8_000;

/** Whether the sender is still there, although a stream has died: until something is heard of it. */
export class LivenessTimer {
  readonly #onDespair: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(onDespair: () => void) {
    this.#onDespair = onDespair;
  }

  begin(): void {
    this.#timer ??= setTimeout(this.#onDespair, LIVENESS_MS);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
