import type { Destination } from '../../../src/session/receiving/destination.js';
import { type Range, Ranges } from '../../../src/stream/ranges.js';

/** A destination that keeps what it is given, and can be held up, damaged and made to fail. */
export class Shelf implements Destination {
  readonly written: Ranges;
  /** How often each byte was written. */
  readonly times: Uint8Array;
  readonly finished: number[] = [];
  readonly unwanted?: number;
  failure: Error | undefined;
  /** Writes wait for it. */
  gate: Promise<unknown> = Promise.resolve();
  #onCorrupt: (start: number, end: number) => void = () => undefined;

  constructor(bytes: number, had: readonly Range[] = [], unwanted?: number) {
    this.written = new Ranges(had);
    if (unwanted !== undefined) this.unwanted = unwanted;
    this.times = new Uint8Array(bytes);
  }

  async write(position: number, content: Uint8Array): Promise<void> {
    await this.gate;
    if (this.failure !== undefined) throw this.failure;
    for (let i = position; i < position + content.length; i++) this.times[i]!++;
    this.written.add(position, position + content.length);
  }

  finish(total: number): Promise<{ files: []; warnings: [] }> {
    this.finished.push(total);
    if (this.failure !== undefined) return Promise.reject(this.failure);
    return Promise.resolve({ files: [], warnings: [] });
  }

  verify(onCorrupt: (start: number, end: number) => void): void {
    this.#onCorrupt = onCorrupt;
  }

  damage(start: number, end: number): void {
    this.written.remove(start, end);
    this.#onCorrupt(start, end);
  }

  suspend(): Promise<void> {
    return Promise.resolve();
  }

  discard(): Promise<void> {
    return Promise.resolve();
  }
}
