import { TokenBucket } from 'limiter';
import { equalBytes, fromBase64Url, toBase64Url } from '../../base/bytes.js';
import { sleep } from '../../base/deadline.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import { type SenderExchange, startExchange } from '../../pake/exchange.js';
import type { SessionKeys } from '../../pake/key-schedule.js';
import type { PakeSecret } from '../../pake/stretch.js';
import { type ParticipantId, type SenderAttempt, WAIT_MAX_MS } from '../../relay-protocol/wire.js';
import type { GuessLimit } from './guess-limit.js';
import type { CallOptions, PeerState } from './meeting.js';
import type { SenderParticipant, SenderParticipantOptions } from './sender-participant.js';

/** Attempts (each with an X of its own) kept posted, so that a silent joiner holds nobody up. */
const POSTED_READY = 3;
/** Fresh ones at once, and a second: making X costs milliseconds that strangers could spend. */
const POST_BURST = 32;
const POSTS_PER_SECOND = 20;
/** How long a poll waits at most while an answer or a new attempt is due by the clock. */
const DUE_POLL_MS = 1_000;
/** A poll that brought nothing new takes this long at least: an honest relay is not so early by itself. */
const NOTHING_NEW_MS = 200;

export interface WaitingOptions extends SenderParticipantOptions {
  readonly onion: OnionAddress;
  readonly guesses: GuessLimit;
  readonly onPeer?: ((state: PeerState) => void) | undefined;
  /** For each request that waits; default WAIT_MAX_MS. */
  readonly waitMs?: number | undefined;
}

export interface MeetOptions extends CallOptions {
  /** Lets nobody else in from the moment of the meeting on, until the next call. */
  readonly alone?: boolean | undefined;
}

/** What an answer has proved. */
interface Proved {
  readonly keys: SessionKeys;
  /** Whether the recipient takes whatever is offered. */
  readonly hasAgreed: boolean;
}

/** Somebody who knows what the sender knows, and the pair that the relay made of the two. */
export interface Confirmed extends Proved {
  /** The sender's own name in that pair */
  readonly participant: ParticipantId;
}

/** Waits in a channel for recipients who know what the sender knows. */
export class SenderWait {
  readonly #options: WaitingOptions;
  readonly #participant: SenderParticipant;
  readonly #secret: PakeSecret;
  readonly #exchanges = new Map<number, SenderExchange>();
  /** Of answers that proved it, until it is known that the relay has our proof. */
  readonly #proved = new Map<number, Proved>();
  readonly #seen = new Set<number>();
  readonly #pace = new TokenBucket({
    bucketSize: POST_BURST,
    tokensPerInterval: POSTS_PER_SECOND,
    interval: 'second',
  });
  #nextAttempt = 1;
  /** Whether the relay was told that the sender is busy */
  #isBusy = false;

  constructor(options: WaitingOptions, participant: SenderParticipant, secret: PakeSecret) {
    this.#options = options;
    this.#participant = participant;
    this.#secret = secret;
    this.#pace.content = POST_BURST;
  }

  /**
   * The next of them. Recipients that do not know it are refused, any number of times, and the wait
   * continues.
   */
  async meet(options: MeetOptions = {}): Promise<Confirmed> {
    return await this.#throughAbsences(options, async () => {
      if (this.#isBusy) await this.#tellBusy(false, options);
      const confirmed = this.#takeConfirmed();
      if (confirmed !== undefined) return confirmed;
      await this.#post(options);
      const answered = this.#look();
      if (answered.length > 0 && this.#options.guesses.tryTake()) {
        await this.#judge(pickAny(answered), options);
        return this.#takeConfirmed();
      }
      await this.#poll(answered.length > 0, options);
      return undefined;
    });
  }

  /** Stays in the channel and lets nobody in. Ends with the signal's reason. */
  async refuse(call: CallOptions & { readonly signal: AbortSignal }): Promise<never> {
    return await this.#throughAbsences<never>(call, async () => {
      if (!this.#isBusy) await this.#tellBusy(true, call);
      await this.#wait(this.#options.waitMs ?? WAIT_MAX_MS, call);
      return undefined;
    });
  }

  /** Repeats a step until it has a result, and joins again when the relay was away. */
  async #throughAbsences<Result>(
    call: CallOptions,
    step: () => Promise<Result | undefined>,
  ): Promise<Result> {
    for (;;) {
      try {
        const result = await step();
        if (result !== undefined) return result;
      } catch (error) {
        if (!(await this.#participant.rejoin(error, call))) continue;
        this.#exchanges.clear();
        this.#proved.clear();
        this.#seen.clear();
        this.#isBusy = false;
      }
    }
  }

  /** Posts X until enough attempts are posted, the relay refuses more, or too many were posted recently. */
  async #post(call: CallOptions): Promise<void> {
    const { channel, onion, curve } = this.#options;
    // Counted each time: an attempt that somebody waits for is joined as soon as it is posted.
    while (this.#lacksPosted && this.#pace.tryRemoveTokens(1)) {
      const attempt = this.#nextAttempt++;
      const exchange = startExchange(this.#secret, { onion, channel, curve });
      this.#exchanges.set(attempt, exchange);
      try {
        await this.#participant.post({ attempt, x: toBase64Url(exchange.x) }, call);
      } catch (error) {
        // Without any reply it may be posted, and be answered once the relay is back.
        if (!hasCode(error, 'ERR_RELAY_BUSY', 'ERR_ATTEMPT_ENDED')) throw error;
        this.#exchanges.delete(attempt);
        if (hasCode(error, 'ERR_RELAY_BUSY')) return;
        // Else the reply was lost, and the attempt joined and left before it was asked for again.
      }
    }
  }

  /** One that is confirmed, also by a request whose reply never came */
  #takeConfirmed(): Confirmed | undefined {
    for (const { attempt, participant } of this.#participant.state.attempts) {
      const proved = this.#proved.get(attempt);
      if (participant === undefined || proved === undefined) continue;
      this.#proved.delete(attempt);
      this.#seen.delete(attempt);
      this.#options.onPeer?.('authenticated');
      return { ...proved, participant };
    }
    return undefined;
  }

  get #lacksPosted(): boolean {
    const ready = this.#participant.state.attempts.filter(({ phase }) => phase === 'posted').length;
    return ready < POSTED_READY;
  }

  /** Waits for something new: briefly while an answer or a new attempt is due by the clock. */
  async #poll(isDue: boolean, call: CallOptions): Promise<void> {
    const { waitMs = WAIT_MAX_MS, guesses } = this.#options;
    const guessMs = isDue ? Math.min(guesses.intervalMs, DUE_POLL_MS) : WAIT_MAX_MS;
    const postMs = this.#lacksPosted ? DUE_POLL_MS : WAIT_MAX_MS;
    await this.#wait(Math.min(waitMs, guessMs, postMs), call);
  }

  async #wait(wait: number, call: CallOptions): Promise<void> {
    const { revision } = this.#participant.state;
    const until = performance.now() + Math.min(wait, NOTHING_NEW_MS);
    await this.#participant.post({ since: revision, wait }, call);
    const early = until - performance.now();
    if (this.#participant.state.revision === revision) await sleep(Math.max(0, early), call.signal);
  }

  async #tellBusy(busy: boolean, call: CallOptions): Promise<void> {
    await this.#participant.post({ busy }, call);
    this.#isBusy = busy;
  }

  /** Reports who came and left; returns the answers that wait to be judged. */
  #look(): SenderAttempt[] {
    const { onPeer } = this.#options;
    const { attempts } = this.#participant.state;
    const present = new Set(attempts.map(({ attempt }) => attempt));
    for (const { attempt, phase } of attempts) {
      if (phase === 'posted' || phase === 'confirmed' || this.#seen.has(attempt)) continue;
      this.#seen.add(attempt);
      onPeer?.('joined');
    }
    for (const attempt of this.#seen) {
      if (present.has(attempt)) continue;
      this.#seen.delete(attempt);
      onPeer?.('left');
    }
    // Also of attempts that came and went between two looks.
    for (const attempt of this.#exchanges.keys()) {
      if (!present.has(attempt)) this.#exchanges.delete(attempt);
    }
    return attempts.filter(({ phase }) => phase === 'answered');
  }

  async #judge(answer: SenderAttempt, { alone, ...call }: MeetOptions): Promise<void> {
    const { attempt } = answer;
    const proved = this.#proved.get(attempt) ?? this.#finish(answer);
    this.#exchanges.delete(attempt);
    try {
      if (proved === undefined) {
        this.#seen.delete(attempt);
        this.#options.onPeer?.('rejected');
        await this.#participant.post({ attempt, close: true }, call);
        return;
      }
      this.#options.guesses.giveBack();
      this.#proved.set(attempt, proved);
      // Before the request, whose reply may be lost.
      if (alone === true) this.#isBusy = true;
      const busy = alone === true ? { busy: true } : {};
      const { keys, hasAgreed } = proved;
      const h_k = toBase64Url(hasAgreed ? keys.agreement : keys.confirmation);
      await this.#participant.post({ attempt, h_k, ...busy }, call);
    } catch (error) {
      // The recipient went away in between.
      if (!hasCode(error, 'ERR_ATTEMPT_ENDED')) throw error;
      this.#proved.delete(attempt);
      await this.#participant.post({}, call);
    }
  }

  #finish({ attempt, y, hh_k }: SenderAttempt): Proved | undefined {
    const exchange = this.#exchanges.get(attempt);
    const share = y === undefined ? undefined : fromBase64Url(y);
    const claimed = hh_k === undefined ? undefined : fromBase64Url(hh_k);
    if (exchange === undefined || share === undefined || claimed === undefined) return undefined;
    try {
      const keys = exchange.finish(share);
      const hasAgreed = equalBytes(keys.agreementHash, claimed);
      return equalBytes(keys.confirmationHash, claimed) || hasAgreed
        ? { keys, hasAgreed }
        : undefined;
    } catch (error) {
      if (hasCode(error, 'ERR_PAKE')) return undefined;
      throw error;
    }
  }
}

/**
 * Any of them: somebody who floods the channel with answers must not push the others to the end. There
 * are a handful at most, so that the bias of the remainder does not matter.
 */
function pickAny(answers: readonly SenderAttempt[]): SenderAttempt {
  const [draw = 0] = crypto.getRandomValues(new Uint32Array(1));
  const answer = answers[draw % answers.length];
  if (answer === undefined) throw new OnionferryError('ERR_INTERNAL', 'no answer to judge');
  return answer;
}
