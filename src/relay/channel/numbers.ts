/** How many spent numbers are remembered one by one above the floor. */
const REMEMBERED = 128;

/**
 * Attempt numbers that must never be used again, since a number reused would allow a second Y for
 * one X. Requests may overtake each other, so numbers need not come in order. Memory is bounded:
 * every number up to the floor counts as spent.
 */
export class SpentNumbers {
  #floor = 0;
  readonly #above = new Set<number>();

  has(number: number): boolean {
    return number <= this.#floor || this.#above.has(number);
  }

  add(number: number): void {
    if (this.has(number)) return;
    this.#above.add(number);
    while (this.#above.delete(this.#floor + 1)) this.#floor++;
    if (this.#above.size > REMEMBERED) this.#raise();
  }

  #raise(): void {
    const [oldest = 0] = this.#above;
    this.#floor = Math.max(this.#floor, oldest);
    for (const number of this.#above) if (number <= this.#floor) this.#above.delete(number);
  }
}

/** Which numbers of a fixed range have been used, one bit each. */
export class UsedNumbers {
  readonly #bits: Uint8Array;

  constructor(count: number) {
    this.#bits = new Uint8Array(Math.ceil(count / 8));
  }

  has(number: number): boolean {
    return ((this.#bits[number >> 3] ?? 0) & (1 << (number & 7))) !== 0;
  }

  /** @returns false if it has been used before or lies outside the range */
  use(number: number): boolean {
    const byte = this.#bits[number >> 3];
    const bit = 1 << (number & 7);
    if (byte === undefined || (byte & bit) !== 0) return false;
    this.#bits[number >> 3] = byte | bit;
    return true;
  }
}
