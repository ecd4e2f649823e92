import { Refusal } from '../../relay-protocol/refusal.js';
import type { ChannelState, ParticipantId } from '../../relay-protocol/wire.js';
import type { Viewed } from '../channel/participant.js';

interface Poll {
  readonly since: number;
  settle(result: () => ChannelState): void;
}

export interface PollOptions {
  readonly since: number;
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
}

/** Requests that wait for a change. A participant has one; a newer ends the older. */
export class LongPolls {
  readonly #of: Viewed;
  readonly #polls = new Map<ParticipantId, Poll>();

  constructor(of: Viewed) {
    this.#of = of;
  }

  /**
   * Resolves with the state once its revision has passed `since`, after `waitMs`, or when a newer
   * poll comes. Rejects as soon as the participant is gone or `signal` aborts.
   */
  wait(id: ParticipantId, { since, waitMs, signal }: PollOptions): Promise<ChannelState> {
    const state = (): ChannelState => this.#of.state(id);
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

  /** Answers a participant that has a view elsewhere from now on. */
  handOver(id: ParticipantId, to: Viewed): void {
    this.#polls.get(id)?.settle(() => to.state(id));
  }

  /** Answers the requests that the last change concerns. */
  notify(): void {
    for (const [id, poll] of this.#polls) {
      if (!this.#of.has(id)) {
        poll.settle(() => {
          throw new Refusal(this.#of.endingOf(id));
        });
      } else if (this.#of.state(id).revision > poll.since) poll.settle(() => this.#of.state(id));
    }
  }
}
