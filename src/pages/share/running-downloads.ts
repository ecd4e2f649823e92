import { type Connected, circuitOf } from '../../onion-http/circuits.js';
import { PageRefusal } from '../server/refusal.js';

/**
 * Downloads that run at a time on one circuit. Tor Browser has one circuit for an address, and at
 * most six connections over it; the others are for those whose end has not been heard of yet.
 */
export const DOWNLOADS_PER_CIRCUIT = 8;

/**
 * Keeps one circuit from holding many replies that it hardly reads: they would be read from the disk,
 * kept in buffers and turned to, again and again, ahead of what others have asked for.
 *
 * Siblings tell no circuits: tor itself limits the streams of theirs.
 */
export class RunningDownloads {
  readonly #counts = new Map<number, number>();

  /** To be disposed of when it has ended. @throws PageRefusal 'downloads-at-once' */
  begin(request: Connected): Disposable {
    const circuit = circuitOf(request);
    if (circuit === undefined) return { [Symbol.dispose]: () => undefined };
    const running = this.#counts.get(circuit) ?? 0;
    if (running >= DOWNLOADS_PER_CIRCUIT) throw new PageRefusal('downloads-at-once');
    this.#counts.set(circuit, running + 1);
    return {
      [Symbol.dispose]: () => {
        const left = (this.#counts.get(circuit) ?? 0) - 1;
        if (left > 0) this.#counts.set(circuit, left);
        else this.#counts.delete(circuit);
      },
    };
  }
}
