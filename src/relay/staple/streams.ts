import { Refusal } from '../../relay-protocol/refusal.js';
import type { ParticipantId } from '../../relay-protocol/wire.js';
import type { Channel } from '../channel/channel.js';
import type { Pair } from '../channel/pair.js';
import type { RelayLimits } from '../limits.js';
import { joinEnds, type StreamEnd } from './stream-end.js';

interface Entry {
  readonly id: ParticipantId;
  readonly number: number;
  readonly end: StreamEnd;
  /** What follows when its connection is gone; whoever has the entry sets it. */
  gone: () => void;
  joined: boolean;
  /** Of what it has received, how much `onBytes` was told. */
  told: number;
  timer?: NodeJS.Timeout;
}

function newEntry(id: ParticipantId, number: number, end: StreamEnd): Entry {
  const entry: Entry = { id, number, end, joined: false, told: 0, gone: () => undefined };
  end.onGone(() => entry.gone());
  return entry;
}

/** Streams that recipients of a channel have opened before their attempts are confirmed. */
export class EarlyStreams {
  readonly #channel: Channel;
  readonly #limits: RelayLimits;
  readonly #entries = new Set<Entry>();

  constructor(channel: Channel, limits: RelayLimits) {
    this.#channel = channel;
    this.#limits = limits;
  }

  /** @throws Refusal too-many, stream-used, not-yours, no-such-channel, attempt-ended */
  open(id: ParticipantId, number: number, end: StreamEnd, now: number): void {
    const live = [...this.#entries].filter((entry) => entry.id === id).length;
    if (live >= this.#limits.streamsBeforeConfirmation) throw new Refusal('too-many');
    this.#channel.useStream(id, number, now);
    const entry = newEntry(id, number, end);
    this.#entries.add(entry);
    entry.gone = () => this.#entries.delete(entry);
  }

  /** Refuses those whose participants are gone. */
  follow(): void {
    for (const entry of this.#entries) {
      if (this.#channel.has(entry.id)) continue;
      this.#entries.delete(entry);
      entry.end.refuse(this.#channel.endingOf(entry.id));
    }
  }

  /** Hands over those of a recipient that was confirmed. */
  take(id: ParticipantId): readonly Entry[] {
    const taken = [...this.#entries].filter((entry) => entry.id === id);
    for (const entry of taken) this.#entries.delete(entry);
    return taken;
  }
}

/** The streams of a pair. One waits until the other side's with the same number is there. */
export class PairStreams {
  readonly #pair: Pair;
  readonly #limits: RelayLimits;
  readonly #onBytes: (count: number) => void;
  readonly #entries = new Set<Entry>();
  #bytes = 0;

  /**
   * @param early those that the recipient has opened already
   * @param onBytes told how many more one side has sent to the other, by `tell` and when a stream ends
   */
  constructor(
    pair: Pair,
    limits: RelayLimits,
    early: readonly Entry[],
    onBytes: (count: number) => void = () => undefined,
  ) {
    this.#pair = pair;
    this.#limits = limits;
    this.#onBytes = onBytes;
    for (const entry of early) this.#add(entry);
  }

  /** @throws Refusal too-many, stream-used, no-such-channel, attempt-ended */
  open(id: ParticipantId, number: number, end: StreamEnd, now: number): void {
    const live = [...this.#entries].filter((entry) => entry.id === id).length;
    if (live >= this.#limits.streams) throw new Refusal('too-many');
    this.#pair.useStream(id, number, now);
    this.#add(newEntry(id, number, end));
  }

  /** Joins what can be joined, and ends everything with the pair. */
  follow(): void {
    for (const entry of this.#entries) {
      if (!this.#pair.closed) this.#join(entry);
      else if (entry.joined) this.#drop(entry, () => entry.end.finish());
      else this.#drop(entry, () => entry.end.refuse('channel-closed'));
    }
  }

  /** Tells of bytes that were not told yet. */
  tell(): void {
    for (const entry of this.#entries) this.#tellOf(entry);
  }

  /** Whether bytes have gone through joined streams since the last call. */
  hasFlowed(): boolean {
    let bytes = 0;
    for (const { joined, end } of this.#entries) if (joined) bytes += end.bytes;
    const flowed = bytes !== this.#bytes;
    this.#bytes = bytes;
    return flowed;
  }

  #add(entry: Entry): void {
    this.#entries.add(entry);
    entry.gone = () => {
      this.#remove(entry);
      this.#giveUp(entry.number);
    };
  }

  #join(entry: Entry): void {
    if (entry.joined) return;
    const otherId = this.#pair.other(entry.id);
    for (const other of this.#entries) {
      if (other.id !== otherId || other.number !== entry.number || other.joined) continue;
      for (const one of [entry, other]) {
        clearTimeout(one.timer);
        one.joined = true;
      }
      joinEnds(entry.end, other.end, this.#limits.lingerMs);
      this.#pair.staple();
      return;
    }
    if (this.#pair.hasUsedStream(otherId, entry.number)) {
      this.#giveUp(entry.number);
      return;
    }
    entry.timer ??= setTimeout(() => {
      this.#drop(entry, () => entry.end.refuse('no-peer'));
    }, this.#limits.pairMs);
  }

  /**
   * A number is never joined once one side's stream is gone. The other side is told at once, so that
   * two sides that count through the numbers stay together.
   */
  #giveUp(number: number): void {
    for (const entry of this.#entries) {
      if (entry.number === number && !entry.joined) {
        this.#drop(entry, () => entry.end.refuse('no-peer'));
      }
    }
  }

  #drop(entry: Entry, sayLast: () => void): void {
    this.#remove(entry);
    sayLast();
  }

  #remove(entry: Entry): void {
    clearTimeout(entry.timer);
    if (this.#entries.delete(entry)) this.#tellOf(entry);
  }

  #tellOf(entry: Entry): void {
    if (!entry.joined) return;
    const { received } = entry.end;
    this.#onBytes(received - entry.told);
    entry.told = received;
  }
}
