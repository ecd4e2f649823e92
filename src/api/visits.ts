import type { Audience } from '../onion-http/access.js';
import type { Work } from './handle.js';

/** At most one event of refused passwords in this time: a flood brings thousands. */
const REFUSED_EVERY_MS = 5_000;
/** Circuits that have been here. Beyond it the oldest is forgotten, and would count again. */
const REMEMBERED = 4096;

/**
 * Tells of visitors, and of wrong passwords. A visitor is a circuit: nothing else tells them apart,
 * and Tor Browser takes a new one some minutes after its last request.
 */
export class Visits implements Audience, Disposable {
  readonly #emit: Work['emit'];
  readonly #seen = new Set<number | undefined>();
  #visitors = 0;
  #refused = 0;
  #untold = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(emit: Work['emit']) {
    this.#emit = emit;
  }

  entered(circuit: number | undefined): void {
    if (this.#seen.has(circuit)) return;
    this.#seen.add(circuit);
    const [oldest] = this.#seen;
    if (this.#seen.size > REMEMBERED) this.#seen.delete(oldest);
    this.#emit({ event: 'visit', visitors: ++this.#visitors });
  }

  /** The first is told at once; those of the next seconds together. */
  refused(): void {
    this.#refused++;
    this.#untold++;
    if (this.#timer !== undefined) return;
    this.#tell();
    this.#timer = setInterval(() => {
      if (this.#untold > 0) this.#tell();
      else this.#stop();
    }, REFUSED_EVERY_MS);
    this.#timer.unref();
  }

  [Symbol.dispose](): void {
    this.#stop();
    if (this.#untold > 0) this.#tell();
  }

  #tell(): void {
    this.#emit({ event: 'refused', attempts: this.#untold, total: this.#refused });
    this.#untold = 0;
  }

  #stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
