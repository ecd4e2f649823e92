import type { NetworkRelay } from '../../../src/private-network/start.js';

/** What happens to the network, and when. */
export type Change = {
  /** Seconds from the beginning. */
  readonly at: number;
} & (
  | { readonly kind: 'gone' | 'slow'; readonly relay: number; readonly forSeconds: number }
  | { readonly kind: 'deaths' }
);

/** A slow relay carries this part of its rate. */
const SLOW_PART = 0.25;
const SLOW_SECONDS = [10, 20] as const;
const GONE_SECONDS = [5, 10] as const;
/** At each moment of deaths, a circuit dies with this probability. */
const DEATH = 1 / 8;

/** A random number from 0 to 1, the same row of them for each seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Without end: one change every so many seconds on average, none while its relay is changed. */
export function* forecast(seed: number, relays: number, everySeconds: number): Generator<Change> {
  const random = seeded(seed);
  const between = ([least, most]: readonly [number, number]): number =>
    least + random() * (most - least);
  const busyUntil = new Map<number, number>();
  for (let at = between([0.5 * everySeconds, everySeconds]); ; ) {
    const draw = random();
    if (draw < 1 / 3) yield { at, kind: 'deaths' };
    else {
      const kind = draw < 2 / 3 ? 'slow' : 'gone';
      const relay = Math.floor(random() * relays);
      const forSeconds = between(kind === 'slow' ? SLOW_SECONDS : GONE_SECONDS);
      if ((busyUntil.get(relay) ?? 0) <= at) {
        busyUntil.set(relay, at + forSeconds);
        yield { at, kind, relay, forSeconds };
      }
    }
    at += between([0.5 * everySeconds, 1.5 * everySeconds]);
  }
}

/** A time in which no relay's rate changed. */
export interface Spell {
  readonly seconds: number;
  /** Bytes a second, by fingerprint. */
  readonly rates: ReadonlyMap<string, number>;
}

/** A relay of the network, with the rate that it has in fair weather. */
export interface RatedRelay {
  readonly relay: NetworkRelay;
  readonly rateBytes: number;
  /** Whether anything may happen to it. */
  readonly changes: boolean;
}

/** Lets changes happen until it is over; then everything is as before. */
export class Weather {
  readonly #relays: readonly RatedRelay[];
  readonly #rates: Map<string, number>;
  readonly #spells: Spell[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  /** What is still to be undone, by fingerprint. */
  readonly #undo = new Map<string, () => Promise<void>>();
  readonly #work = new Set<Promise<void>>();
  #since: number = performance.now();
  #isOver = false;

  constructor(relays: readonly RatedRelay[]) {
    this.#relays = relays;
    this.#rates = new Map(relays.map(({ relay, rateBytes }) => [relay.fingerprint, rateBytes]));
  }

  /**
   * @param changes of the relays that may change, by their number among those
   * @param onDeaths is told with which probability each circuit is to die
   */
  begin(changes: Iterator<Change>, onDeaths: (probability: number) => Promise<void>): void {
    const start = performance.now();
    this.#since = start;
    const next = (): void => {
      const result = changes.next();
      if (result.done === true) return;
      const change = result.value;
      this.#after(change.at * 1000 - (performance.now() - start), async () => {
        next();
        if (change.kind === 'deaths') await onDeaths(DEATH);
        else await this.#change(change.relay, change.kind, change.forSeconds);
      });
    };
    next();
  }

  /** @returns how it was, in order */
  async end(): Promise<readonly Spell[]> {
    this.#turn();
    const spells = [...this.#spells];
    this.#isOver = true;
    for (const timer of this.#timers) clearTimeout(timer);
    await Promise.all(this.#work);
    for (const undo of this.#undo.values()) await undo();
    return spells;
  }

  async #change(number: number, kind: 'gone' | 'slow', forSeconds: number): Promise<void> {
    const one = this.#relays.filter(({ changes }) => changes)[number];
    if (one === undefined || this.#undo.has(one.relay.fingerprint)) return;
    const { relay, rateBytes } = one;
    const set = (rate: number): void => {
      this.#turn();
      this.#rates.set(relay.fingerprint, rate);
    };
    this.#undo.set(relay.fingerprint, async () => {
      this.#undo.delete(relay.fingerprint);
      if (kind === 'gone') relay.start();
      else await relay.limit(rateBytes);
      set(rateBytes);
    });
    set(kind === 'gone' ? 0 : rateBytes * SLOW_PART);
    await (kind === 'gone' ? relay.kill() : relay.limit(rateBytes * SLOW_PART));
    this.#after(forSeconds * 1000, async () => this.#undo.get(relay.fingerprint)?.());
  }

  /** A spell ends here. */
  #turn(): void {
    const now = performance.now();
    this.#spells.push({ seconds: (now - this.#since) / 1000, rates: new Map(this.#rates) });
    this.#since = now;
  }

  #after(ms: number, work: () => Promise<void>): void {
    if (this.#isOver) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const working = work();
      this.#work.add(working);
      void working.finally(() => this.#work.delete(working));
    }, ms);
    this.#timers.add(timer);
  }
}
