import { createHash } from 'node:crypto';
import { equalBytes, fromBase64Url } from '../../base/bytes.js';
import { Refusal } from '../../relay-protocol/refusal.js';
import type { SenderAttempt } from '../../relay-protocol/wire.js';
import { SpentNumbers } from './numbers.js';
import type { Attempt } from './participant.js';

/** The live attempts of a channel in the order they were posted, and the numbers that are spent. */
export class Attempts {
  readonly #live = new Map<number, Attempt>();
  readonly #spent = new SpentNumbers();
  readonly #postedMax: number;

  constructor(postedMax: number) {
    this.#postedMax = postedMax;
  }

  /** @throws Refusal attempt-ended */
  get(number: number): Attempt {
    const attempt = this.#live.get(number);
    if (attempt === undefined) throw new Refusal('attempt-ended');
    return attempt;
  }

  /** @throws Refusal already-written with another x, attempt-ended if spent, too-many */
  post(number: number, x: string): void {
    const known = this.#live.get(number);
    if (known !== undefined) {
      if (known.x !== x) throw new Refusal('already-written');
      return;
    }
    if (this.#spent.has(number)) throw new Refusal('attempt-ended');
    const posted = [...this.#live.values()].filter(({ phase }) => phase === 'posted');
    if (posted.length >= this.#postedMax) throw new Refusal('too-many');
    this.#live.set(number, { number, x, phase: 'posted' });
  }

  oldestPosted(): Attempt | undefined {
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

/** Whether SHA-256(h_k) = hh_k, both base64url. */
export function isPreimage(h_k: string, hh_k: string): boolean {
  const key = fromBase64Url(h_k);
  const hash = fromBase64Url(hh_k);
  if (key === undefined || hash === undefined) return false;
  return equalBytes(createHash('sha256').update(key).digest(), hash);
}
