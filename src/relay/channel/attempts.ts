import { Refusal } from '../../relay-protocol/refusal.js';
import type { SenderAttempt } from '../../relay-protocol/wire.js';
import { SpentNumbers } from './numbers.js';
import type { Attempt } from './participant.js';

/** The live attempts of a channel in order of posting, and the numbers that are spent. */
export class Attempts {
  readonly #live = new Map<number, Attempt>();
  readonly #spent = new SpentNumbers();
  readonly #offersMax: number;

  constructor(offersMax: number) {
    this.#offersMax = offersMax;
  }

  /** @throws Refusal attempt-ended */
  get(number: number): Attempt {
    const attempt = this.#live.get(number);
    if (attempt === undefined) throw new Refusal('attempt-ended');
    return attempt;
  }

  /** @throws Refusal already-written with another x, attempt-ended if spent, too-many */
  offer(number: number, x: string): void {
    const known = this.#live.get(number);
    if (known !== undefined) {
      if (known.x !== x) throw new Refusal('already-written');
      return;
    }
    if (this.#spent.has(number)) throw new Refusal('attempt-ended');
    const ready = [...this.#live.values()].filter(({ phase }) => phase === 'posted');
    if (ready.length >= this.#offersMax) throw new Refusal('too-many');
    this.#live.set(number, { number, x, phase: 'posted' });
  }

  oldestOffer(): Attempt | undefined {
    for (const attempt of this.#live.values()) if (attempt.phase === 'posted') return attempt;
    return undefined;
  }

  end({ number }: Attempt): void {
    this.#live.delete(number);
    this.#spent.add(number);
  }

  /** Ends every other attempt; no number is free from then on. */
  keepOnly(confirmed: Attempt): void {
    for (const attempt of this.#live.values()) if (attempt !== confirmed) this.end(attempt);
    this.#spent.addAll();
  }

  forSender(): SenderAttempt[] {
    return [...this.#live.values()].map(({ number, phase, y, hh_k }) => ({
      attempt: number,
      phase,
      ...(y !== undefined && { y }),
      ...(hh_k !== undefined && { hh_k }),
    }));
  }
}
