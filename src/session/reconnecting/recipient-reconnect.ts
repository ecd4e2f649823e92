import { deadline, sleep } from '../../base/deadline.js';
import { hasCode, hasCourse, OnionferryError } from '../../base/errors.js';
import { reconnectChannel, resumptionSecret } from '../../pake/resumption.js';
import type { CallOptions, Meeting } from '../meeting/meeting.js';
import { meetWithSecret } from '../meeting/recipient-meeting.js';
import type { Met, Reconnect, ReconnectOptions } from './reconnect.js';

/** Where the sender may wait, counted from a generation: a killed process may have lost count. */
const STEPS: readonly number[] = [1, 2, 0, 3];
/** One try, dialling included: a dial that hangs for longer is better repeated. */
const TRY_MS = 60_000;
/** For an attempt to be posted, and for each look whether the answer was judged. */
const WAIT_MS = 10_000;
/** From the answer to the sender's proof: an attempt may have outlived the process that posted it. */
const PROOF_MS = 20_000;
/** Pauses between rounds. */
const PAUSE_MS = 1_000;
const PAUSE_MAX_MS = 5_000;
/** How long access may be refused: a sender that is being restarted takes a while. */
const ACCESS_MS = 60_000;
/** Tries in that time: relays stop answering a client that is refused ten times. */
const ACCESS_TRIES = 6;

export interface RecipientReconnectOptions extends ReconnectOptions {
  readonly ahead?: number | undefined;
  /** Makes the relay client dial new circuits: the old ones may be stuck. */
  readonly renewCircuits?: (() => void) | undefined;
  /** Awaited before an answer is sent, which may make it the meeting of that generation. */
  readonly onAnswering?: ((generation: number) => Promise<void>) | undefined;
  readonly tryMs?: number | undefined;
  readonly proofMs?: number | undefined;
  readonly accessMs?: number | undefined;
}

/** Looks for the sender in the channels where it may wait, until one knows the secret. */
export function recipientReconnect(options: RecipientReconnectOptions): Reconnect {
  const ending = new AbortController();
  const search = new Search(options);
  return {
    meet: ({ signal }: CallOptions = {}) => {
      const either = signal === undefined ? [ending.signal] : [ending.signal, signal];
      return search.meet(AbortSignal.any(either));
    },
    close(): Promise<void> {
      ending.abort(new OnionferryError('ERR_INTERRUPTED', 'the transfer has ended'));
      return Promise.resolve();
    },
  };
}

/** What a try came to, if to no meeting. */
type Miss = 'nobody' | 'away' | 'refused';

const REASONS: Readonly<Record<Miss, string>> = {
  nobody: 'the sender is away',
  away: 'the sender cannot be reached',
  refused: 'the sender’s address asks for another password',
};

class Search {
  readonly #options: RecipientReconnectOptions;
  #generation: number;
  /** The highest in which an answer was sent: the sender may be there, whatever came back. */
  #answered: number;
  #refusedSince: number | undefined;
  #told: string | undefined;

  constructor(options: RecipientReconnectOptions) {
    this.#options = options;
    this.#generation = options.generation;
    this.#answered = options.generation;
  }

  async meet(signal: AbortSignal): Promise<Met> {
    this.#refusedSince = undefined;
    this.#told = undefined;
    for (let pause = PAUSE_MS; ; pause = Math.min(2 * pause, PAUSE_MAX_MS)) {
      if (this.#told === undefined || this.#told === REASONS.away) this.#options.renewCircuits?.();
      const found = await this.#round(signal);
      if (typeof found === 'object') return found;
      const reason = REASONS[found];
      if (reason !== this.#told) this.#options.onWaiting?.(reason);
      this.#told = reason;
      await sleep(found === 'refused' ? this.#accessMs / ACCESS_TRIES : pause, signal);
    }
  }

  async #round(signal: AbortSignal): Promise<Met | Miss> {
    for (const generation of this.#candidates()) {
      try {
        const meeting = await this.#try(generation, signal);
        this.#generation = generation;
        this.#answered = generation;
        return { meeting, generation };
      } catch (error) {
        signal.throwIfAborted();
        const miss = this.#judge(error);
        if (miss !== 'nobody') return miss;
      }
    }
    return 'nobody';
  }

  /** In turn; 0 is the meeting by the words, which is never repeated. */
  #candidates(): Set<number> {
    const bases = [this.#answered, this.#generation];
    const all = bases.flatMap((base) => STEPS.map((step) => base + step));
    return new Set(all.filter((generation) => generation > 0));
  }

  async #try(generation: number, signal: AbortSignal): Promise<Meeting> {
    const { onion, curve, resumption } = this.#options;
    const { tryMs = TRY_MS, proofMs = PROOF_MS, waitMs = WAIT_MS } = this.#options;
    const { name: channel } = reconnectChannel(resumption, generation);
    const secret = Promise.resolve(resumptionSecret(resumption, { onion, channel, curve }));
    using limit = deadline(tryMs, 'the sender did not answer in time', signal);
    const unproved = new AbortController();
    let patience: ReturnType<typeof setTimeout> | undefined;
    try {
      return await meetWithSecret({
        ...this.#options,
        channel,
        secret,
        wrong: notTheSender,
        aheadWhen: 'joined',
        waitMs,
        turnDeadlineMs: 0,
        signal: AbortSignal.any([limit.signal, unproved.signal]),
        onAnswering: async () => {
          this.#answered = Math.max(this.#answered, generation);
          await this.#options.onAnswering?.(generation);
          patience = setTimeout(() => unproved.abort(notTheSender()), proofMs);
        },
      });
    } finally {
      clearTimeout(patience);
    }
  }

  /** @throws what will not pass */
  #judge(error: unknown): Miss {
    if (hasCode(error, 'ERR_PASSWORD')) {
      this.#refusedSince ??= performance.now();
      if (performance.now() - this.#refusedSince >= this.#accessMs) throw refused(error);
      return 'refused';
    }
    // What a relay says proves nothing: only the sender itself can end a transfer for good.
    if (hasCourse(error, 'relay-away', 'tor-lost') || hasCode(error, 'ERR_PROTOCOL', 'ERR_CURVE')) {
      return 'away';
    }
    this.#refusedSince = undefined;
    if (!hasCourse(error, 'channel-gone') && !hasCode(error, 'ERR_PAKE')) throw error;
    return 'nobody';
  }

  get #accessMs(): number {
    return this.#options.accessMs ?? ACCESS_MS;
  }
}

function refused(cause: unknown): OnionferryError {
  return new OnionferryError(
    'ERR_PEER_GONE',
    'the sender’s address now asks for another password; what has arrived is kept, so ask the sender to use --resume',
    { cause },
  );
}

function notTheSender(cause?: unknown): OnionferryError {
  return new OnionferryError('ERR_PAKE', 'a different sender is waiting there', { cause });
}
