import type { Work } from './handle.js';
import type { RelayHost } from './relay-host.js';

/** While the other side is away, tor is made to look anew this often. */
const WAKE_EVERY_MS = 45_000;

export interface SeparationOptions {
  readonly place: RelayHost;
  readonly emit: Work['emit'];
  /** What a person is told while the other side is away. */
  readonly reason: string;
}

/** Tells of the other side's going and coming, and keeps tor awake in between. */
export class Separation implements Disposable {
  readonly #options: SeparationOptions;
  #waking: NodeJS.Timeout | undefined;

  constructor(options: SeparationOptions) {
    this.#options = options;
  }

  begin(): void {
    const { place, emit, reason } = this.#options;
    emit({ event: 'waiting', reason });
    this.#waking ??= setInterval(() => void place.wake(), WAKE_EVERY_MS);
  }

  end(): void {
    this[Symbol.dispose]();
    this.#options.emit({ event: 'peer', state: 'authenticated' });
  }

  [Symbol.dispose](): void {
    clearInterval(this.#waking);
    this.#waking = undefined;
  }
}
