import { Counter, Gauge, type Registry } from 'prom-client';
import type { RelayEvent } from '../../api/events.js';

type NumberOf<Type> = { [Key in keyof Type]: Type[Key] extends number ? Key : never }[keyof Type];
/** Of now. */
type Level = 'channels' | 'pairs' | 'placesTaken' | 'placesFree';
/** Since the relay was started. */
type Count = Exclude<NumberOf<RelayEvent>, Level>;
type Described = readonly [name: string, help: string];

const LEVELS: Readonly<Record<Level, Described>> = {
  channels: ['channels', 'Channels in which a sender waits'],
  pairs: ['pairs', 'Transfers that run'],
  placesTaken: ['places_taken', 'Channels and pairs that there are'],
  placesFree: ['places_free', 'Channels and pairs that there is room for'],
};
const COUNTS: Readonly<Record<Count, Described>> = {
  channelsOpened: ['channels_opened_total', 'Channels that senders have opened'],
  channelsRefused: ['channels_refused_total', 'Channels that senders were refused'],
  pairsMade: ['pairs_made_total', 'Transfers that have begun: sender and recipient have met'],
  bytes: ['bytes_total', 'Bytes taken from one side for the other, in both directions'],
  wrongDoors: ['wrong_doors_total', 'Wrong passwords, and names of channels that are not there'],
  failedGuesses: ['failed_guesses_total', 'Wrong passwords of transfers, as senders have judged'],
};
// Object.keys loses the key types; the tables have exactly these.
const LEVEL_KEYS = Object.keys(LEVELS) as Level[];
const COUNT_KEYS = Object.keys(COUNTS) as Count[];

/** What relays do, for Prometheus. Counters go on over all starts of a relay, which counts from zero. */
export class RelayMetrics {
  readonly #levels = new Map<Level, Gauge<'service'>>();
  readonly #counts = new Map<Count, Counter<'service'>>();
  readonly #refusals: Counter<'service' | 'reason'>;
  readonly #last = new Map<string, RelayEvent>();

  /** @param relays the services that are relays; without one there is nothing of this */
  constructor(registry: Registry, relays: readonly string[]) {
    const metric = ([name, help]: Described, ...others: string[]) => ({
      ...{ name: `onionferry_relay_${name}`, help },
      labelNames: ['service', ...others],
      registers: relays.length > 0 ? [registry] : [],
    });
    for (const key of LEVEL_KEYS) this.#levels.set(key, new Gauge(metric(LEVELS[key])));
    for (const key of COUNT_KEYS) this.#counts.set(key, new Counter(metric(COUNTS[key])));
    this.#refusals = new Counter(
      metric(['refusals_total', 'Requests and streams that were refused, by the reason'], 'reason'),
    );
    for (const service of relays) {
      for (const gauge of this.#levels.values()) gauge.set({ service }, 0);
      for (const counter of this.#counts.values()) counter.inc({ service }, 0);
    }
  }

  tell(service: string, event: RelayEvent): void {
    const last = this.#last.get(service);
    this.#last.set(service, event);
    for (const [key, gauge] of this.#levels) gauge.set({ service }, event[key]);
    for (const [key, counter] of this.#counts) {
      counter.inc({ service }, event[key] - (last?.[key] ?? 0));
    }
    for (const [reason, count] of Object.entries(event.refusals)) {
      this.#refusals.inc({ service, reason }, count - (last?.refusals[reason] ?? 0));
    }
  }

  /** It does not run any more, or not yet. */
  ended(service: string): void {
    if (!this.#last.delete(service)) return;
    for (const gauge of this.#levels.values()) gauge.set({ service }, 0);
  }
}
