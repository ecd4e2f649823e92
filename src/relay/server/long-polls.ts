import { Refusal } from '../../relay-protocol/refusal.js';
import type { ChannelState, ParticipantId } from '../../relay-protocol/wire.js';
import type { Channel } from '../channel/channel.js';

interface Poll {
  readonly since: number;
  settle(result: () => ChannelState): void;
}

export interface PollOptions {
  readonly since: number;
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Requests that wait for a change in one channel. A participant has one; a newer ends the older. */
export class LongPolls {
  readonly #channel: Channel;
  readonly #polls = new Map<ParticipantId, Poll>();

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  /**
   * Resolves with the state once its revision has passed `since`, after `waitMs`, or when a newer
   * poll comes. Rejects as soon as the participant is gone or `signal` aborts.
   */
  wait(id: ParticipantId, { since, waitMs, signal }: PollOptions): Promise<ChannelState> {
    const state = (): ChannelState => this.#channel.state(id);
    this.#polls.get(id)?.settle(state);
    return new Promise((resolve, reject) => {
      const settle = (result: () => ChannelState): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
        this.#polls.delete(id);
        try {
          resolve(result());
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
      };
      const abort = (): void =>
        settle(() => {
          signal?.throwIfAborted();
          return state();
        });
      const timer = setTimeout(() => settle(state), waitMs);
      this.#polls.set(id, { since, settle });
      if (signal?.aborted === true) abort();
      else signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** Answers the requests that the last change concerns. */
  notify(): void {
    for (const [id, poll] of this.#polls) {
      if (this.#channel.closed) poll.settle(refuseClosed);
      else if (this.#hasNews(id, poll.since)) poll.settle(() => this.#channel.state(id));
    }
  }

  /** Also if there is no state any more: then the refusal is the news. */
  #hasNews(id: ParticipantId, since: number): boolean {
    return !this.#channel.has(id) || this.#channel.state(id).revision > since;
  }
}

function refuseClosed(): never {
  throw new Refusal('channel-closed');
}
