import { Refusal } from '../../relay-protocol/refusal.js';
import type { ParticipantId } from '../../relay-protocol/wire.js';
import type { Channel } from '../channel/channel.js';
import type { RelayLimits } from '../limits.js';
import { joinEnds, type StreamEnd } from './stream-end.js';

interface Entry {
  readonly id: ParticipantId;
  readonly number: number;
  readonly end: StreamEnd;
  joined: boolean;
  timer?: NodeJS.Timeout;
}

/**
 * The streams of one channel. A stream waits until its participant is one of the confirmed pair and
 * the other side's stream with the same number is there; then the two are joined.
 */
export class Streams {
  readonly #channel: Channel;
  readonly #limits: RelayLimits;
  readonly #entries = new Set<Entry>();
  #bytes = 0;

  constructor(channel: Channel, limits: RelayLimits) {
    this.#channel = channel;
    this.#limits = limits;
  }

  /** @throws Refusal too-many, stream-used, no-such-channel, attempt-ended */
  open(id: ParticipantId, number: number, end: StreamEnd, now: number): void {
    const { streams, streamsBeforeConfirmation } = this.#limits;
    const live = [...this.#entries].filter((entry) => entry.id === id).length;
    const allowed = this.#channel.confirmed === undefined ? streamsBeforeConfirmation : streams;
    if (live >= allowed) throw new Refusal('too-many');
    this.#channel.useStream(id, number, now);
    const entry: Entry = { id, number, end, joined: false };
    this.#entries.add(entry);
    end.onGone(() => {
      this.#remove(entry);
      this.#giveUp(number);
    });
  }

  /** Brings the streams in line with the channel after a change. */
  follow(): void {
    for (const entry of this.#entries) {
      if (this.#channel.has(entry.id)) this.#pair(entry);
      else if (entry.joined) this.#drop(entry, () => entry.end.finish());
      else {
        const code = this.#channel.closed ? 'channel-closed' : 'attempt-ended';
        this.#drop(entry, () => entry.end.refuse(code));
      }
    }
  }

  /** Whether bytes have gone through joined streams since the last call. */
  hasFlowed(): boolean {
    let bytes = 0;
    for (const { joined, end } of this.#entries) if (joined) bytes += end.bytes;
    const flowed = bytes !== this.#bytes;
    this.#bytes = bytes;
    return flowed;
  }

  #pair(entry: Entry): void {
    const { confirmed, sender } = this.#channel;
    if (entry.joined || confirmed === undefined) return;
    const otherId = entry.id === sender ? confirmed : sender;
    for (const other of this.#entries) {
      if (other.id !== otherId || other.number !== entry.number || other.joined) continue;
      for (const one of [entry, other]) {
        clearTimeout(one.timer);
        one.joined = true;
      }
      joinEnds(entry.end, other.end, this.#limits.lingerMs);
      this.#channel.staple();
      return;
    }
    if (this.#channel.hasUsedStream(otherId, entry.number)) {
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
    if (this.#channel.confirmed === undefined) return;
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
    this.#entries.delete(entry);
  }
}
