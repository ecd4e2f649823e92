/** One slice: short beside what a person or a keepalive notices. */
const SLICE_MS = 25;

/** Cuts long work that waits for nothing into slices, between which everything else has its turn. */
export class Slices {
  #until = performance.now() + SLICE_MS;

  /** Whether it is time to await `next()`. */
  get isOver(): boolean {
    return performance.now() >= this.#until;
  }

  async next(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve));
    this.#until = performance.now() + SLICE_MS;
  }
}
