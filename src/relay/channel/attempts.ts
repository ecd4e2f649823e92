import { createHash } from 'node:crypto';
import { equalBytes, fromBase64Url } from '../../base/bytes.js';
import { Refusal } from '../../relay-protocol/refusal.js';
import type { SenderAttempt } from '../../relay-protocol/wire.js';
import { SpentNumbers } from './numbers.js';
import type { Pair } from './pair.js';
import type { Attempt } from './participant.js';

interface Confirmed {
  readonly attempt: Attempt;
  readonly pair: Pair;
}

/** The live attempts of a channel in the order they were posted, and the numbers that are spent. */
export class Attempts {
  readonly #live = new Map<number, Attempt>();
  /** With the pairs that they became, by their numbers */
  readonly #confirmed = new Map<number, Confirmed>();
  readonly #spent = new SpentNumbers();
  readonly #postedMax: number;

  constructor(postedMax: number) {
    this.#postedMax = postedMax;
  }

  /** Pairs that have not ended */
  get pairs(): readonly Pair[] {
    return [...this.#confirmed.values()].map(({ pair }) => pair);
  }

  /** @throws Refusal attempt-ended */
  get(number: number): Attempt {
    const attempt = this.#live.get(number);
    if (attempt === undefined) throw new Refusal('attempt-ended');
    return attempt;
  }

  /** What a confirmed attempt became */
  pairOf({ number }: Attempt): Pair | undefined {
    return this.#confirmed.get(number)?.pair;
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

  confirm(attempt: Attempt, h_k: string, pair: Pair): void {
    attempt.phase = 'confirmed';
    attempt.h_k = h_k;
    this.#confirmed.set(attempt.number, { attempt, pair });
  }

  end({ number }: Attempt): void {
    this.#live.delete(number);
    this.#confirmed.delete(number);
    this.#spent.add(number);
  }

  /** Ends the attempts whose pairs have ended. @returns whether there was one */
  endWithPairs(): boolean {
    const ended = [...this.#confirmed.values()].filter(({ pair }) => pair.closed);
    for (const { attempt } of ended) this.end(attempt);
    return ended.length > 0;
  }

  answered(): Attempt[] {
    return [...this.#live.values()].filter(({ phase }) => phase === 'answered');
  }

  /** Answers that are not to be judged yet look as if they had not been given. */
  forSender(): SenderAttempt[] {
    return [...this.#live.values()].map((attempt) => {
      const { number, phase, y, hh_k, isShown } = attempt;
      const pair = this.pairOf(attempt);
      if (pair !== undefined) return { attempt: number, phase, participant: pair.sender };
      if (phase === 'answered' && isShown !== true) return { attempt: number, phase: 'joined' };
      return {
        attempt: number,
        phase,
        ...(y !== undefined && { y }),
        ...(hh_k !== undefined && { hh_k }),
      };
    });
  }
}

/** Whether SHA-256(h_k) = hh_k, both base64url. */
export function isPreimage(h_k: string, hh_k: string): boolean {
  const key = fromBase64Url(h_k);
  const hash = fromBase64Url(hh_k);
  if (key === undefined || hash === undefined) return false;
  return equalBytes(createHash('sha256').update(key).digest(), hash);
}
