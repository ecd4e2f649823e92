import { Refusal } from '../../relay-protocol/refusal.js';

/** Those who have met name the channels in which they meet again, by 128 secret bits. */
export function isAgreedName(channel: string | undefined): channel is string {
  return channel !== undefined && /^[0-9a-f]{32}$/.test(channel);
}

/**
 * Where two may meet again while a relay drains. It cannot tell which name two have agreed on from
 * any other random one. But a sender holds its next channel open while a transfer runs (protocol.md,
 * 12.3): who comes with a new name must be of a pair that has none yet.
 */
export class Returning {
  readonly #names: Set<string>;
  readonly #met = new Set<string>();
  /** Pairs whose senders have not opened their next channel yet. */
  #awaited: number;

  /** @param names that senders gave their open channels */
  constructor(names: readonly string[], pairs: number) {
    this.#names = new Set(names.filter(isAgreedName));
    this.#awaited = Math.max(0, pairs - this.#names.size);
  }

  /** A sender opens a channel. @throws Refusal going-away */
  open(channel: string | undefined): void {
    if (this.has(channel)) return;
    if (!isAgreedName(channel) || this.#awaited === 0) throw new Refusal('going-away');
    this.#awaited--;
    this.#names.add(channel);
  }

  has(channel: string | undefined): boolean {
    return channel !== undefined && this.#names.has(channel);
  }

  /** Two have met in a channel: its sender opens the next. */
  meet(channel: string): void {
    if (this.#met.has(channel)) return;
    this.#met.add(channel);
    this.#awaited++;
  }
}
