import { randomInt } from 'node:crypto';
import { equalBytes, fromBase64Url, randomBytes, toBase64Url } from '../../base/bytes.js';
import { sleep } from '../../base/deadline.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import { type SenderExchange, startExchange } from '../../pake/exchange.js';
import type { SessionKeys } from '../../pake/key-schedule.js';
import { type PakeSecret, stretchPassword } from '../../pake/stretch.js';
import type { RelayAccess } from '../../relay/access.js';
import {
  type ChannelRequest,
  type JoinReply,
  type SenderAttempt,
  type SenderState,
  WAIT_MAX_MS,
} from '../../relay/protocol.js';
import type { GuessLimit } from './guess-limit.js';
import { leave } from './leave.js';
import type { Meeting, PeerState } from './meeting.js';
import { openStream } from './open-stream.js';

/** Offers (each with an X of its own) kept ready, so that a silent joiner holds nobody up. */
const OFFERS_READY = 3;
/** How long a poll waits while an answer is there that may not be judged yet. */
const JUDGE_POLL_MS = 1_000;
/** Pause before a channel that the relay has lost is opened again. */
const REOPEN_PAUSE_MS = 2_000;

export interface SenderChannelOptions {
  readonly access: RelayAccess;
  readonly onion: OnionAddress;
  readonly channel: string;
  readonly curve: CurveName;
  /** The password's words behind the door. */
  readonly words: string;
  readonly guesses: GuessLimit;
  readonly onPeer?: (state: PeerState) => void;
  readonly establishMs?: number | undefined;
  /** For each request that waits; default WAIT_MAX_MS. */
  readonly waitMs?: number | undefined;
}

interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Opens a channel. @throws OnionferryError ERR_CHANNEL_TAKEN if another sender holds it */
export async function openSenderChannel(
  options: SenderChannelOptions,
  call: CallOptions = {},
): Promise<SenderChannel> {
  const { onion, channel, curve, words } = options;
  const secret = stretchPassword(words, { onion, channel, curve });
  const [joined, stretched] = await Promise.all([join(options, call), secret]);
  return new SenderChannel(options, joined, stretched);
}

/** The sender's place in a channel of a relay. */
export class SenderChannel {
  readonly #options: SenderChannelOptions;
  readonly #secret: PakeSecret;
  readonly #exchanges = new Map<number, SenderExchange>();
  readonly #seen = new Set<number>();
  #joined: JoinReply;
  #state: SenderState;
  #nextAttempt = 1;

  constructor(options: SenderChannelOptions, joined: JoinReply, secret: PakeSecret) {
    this.#options = options;
    this.#joined = joined;
    this.#secret = secret;
    this.#state = senderState(joined.state);
  }

  /**
   * Waits for a recipient who knows the words; whoever does not is turned away, any number of
   * times, and the wait goes on.
   */
  async meet(call: CallOptions = {}): Promise<Meeting> {
    for (;;) {
      try {
        await this.#offer(call);
        const answered = this.#look();
        if (answered.length > 0 && this.#options.guesses.tryTake()) {
          const keys = await this.#judge(pickAny(answered), call);
          if (keys !== undefined) return this.#meeting(keys);
        } else {
          const patience = this.#options.waitMs ?? WAIT_MAX_MS;
          const wait = answered.length > 0 ? Math.min(JUDGE_POLL_MS, patience) : patience;
          await this.#post({ since: this.#state.revision, wait }, call);
        }
      } catch (error) {
        if (!hasCode(error, 'ERR_CHANNEL_MISSING', 'ERR_CHANNEL_CLOSED')) throw error;
        // A relay that was restarted, or ends channels by age: the invitation stays good.
        await sleep(REOPEN_PAUSE_MS, call.signal);
        this.#joined = await join(this.#options, call);
        this.#state = senderState(this.#joined.state);
        this.#exchanges.clear();
        this.#seen.clear();
      }
    }
  }

  /** Ends the channel. Never throws: it may have ended by itself. */
  async close(): Promise<void> {
    const { channel, uuid } = this.#joined;
    await leave(this.#options.access, { channel, uuid, close: true });
  }

  /** Posts X until enough offers stand, or the relay wants no more. */
  async #offer(call: CallOptions): Promise<void> {
    const { channel, onion, curve } = this.#options;
    // Counted anew each time: an offer that somebody waits for is taken as soon as it is posted.
    while (this.#state.attempts.filter(({ phase }) => phase === 'offered').length < OFFERS_READY) {
      const attempt = this.#nextAttempt++;
      const exchange = startExchange(this.#secret, { onion, channel, curve });
      this.#exchanges.set(attempt, exchange);
      try {
        await this.#post({ attempt, x: toBase64Url(exchange.x) }, call);
      } catch (error) {
        this.#exchanges.delete(attempt);
        if (hasCode(error, 'ERR_RELAY_BUSY')) return;
        // The reply was lost, and before it was asked for again the offer was taken and left.
        if (!hasCode(error, 'ERR_ATTEMPT_ENDED')) throw error;
      }
    }
  }

  /** Tells who came and went; returns the answers that wait for judgement. */
  #look(): SenderAttempt[] {
    const { onPeer } = this.#options;
    const present = new Set<number>();
    for (const { attempt, phase } of this.#state.attempts) {
      if (phase === 'offered') continue;
      present.add(attempt);
      if (!this.#seen.has(attempt)) {
        this.#seen.add(attempt);
        onPeer?.('joined');
      }
    }
    for (const attempt of this.#seen) {
      if (!present.has(attempt)) {
        this.#seen.delete(attempt);
        this.#exchanges.delete(attempt);
        onPeer?.('left');
      }
    }
    return this.#state.attempts.filter(({ phase }) => phase === 'answered');
  }

  /** @returns the session's keys if the answer proves the words */
  async #judge(answer: SenderAttempt, call: CallOptions): Promise<SessionKeys | undefined> {
    const { attempt } = answer;
    const keys = this.#finish(answer);
    this.#exchanges.delete(attempt);
    try {
      if (keys === undefined) {
        this.#seen.delete(attempt);
        this.#options.onPeer?.('rejected');
        await this.#post({ attempt, close: true }, call);
        return undefined;
      }
      this.#options.guesses.giveBack();
      await this.#post({ attempt, h_k: toBase64Url(keys.confirmation) }, call);
      this.#options.onPeer?.('authenticated');
      return keys;
    } catch (error) {
      // The recipient went away in between.
      if (!hasCode(error, 'ERR_ATTEMPT_ENDED')) throw error;
      await this.#post({}, call);
      return undefined;
    }
  }

  #finish({ attempt, y, hh_k }: SenderAttempt): SessionKeys | undefined {
    const exchange = this.#exchanges.get(attempt);
    const share = y === undefined ? undefined : fromBase64Url(y);
    const claimed = hh_k === undefined ? undefined : fromBase64Url(hh_k);
    if (exchange === undefined || share === undefined || claimed === undefined) return undefined;
    try {
      const keys = exchange.finish(share);
      return equalBytes(keys.confirmationHash, claimed) ? keys : undefined;
    } catch (error) {
      if (hasCode(error, 'ERR_PAKE')) return undefined;
      throw error;
    }
  }

  #meeting(keys: SessionKeys): Meeting {
    const { access, establishMs } = this.#options;
    const { channel, uuid } = this.#joined;
    const root = Promise.resolve(keys.stream);
    const place = { access, channel, uuid, role: 'sender', root, establishMs } as const;
    return {
      channel,
      keys,
      openStream: (number, call) => openStream({ ...place, ...call }, number),
      abandon: () => this.close(),
    };
  }

  async #post(
    request: Omit<ChannelRequest, 'channel' | 'uuid'>,
    { signal }: CallOptions,
  ): Promise<void> {
    const { channel, uuid } = this.#joined;
    this.#state = senderState(
      await this.#options.access.channel({ channel, uuid, ...request }, present(signal)),
    );
  }
}

async function join(
  { access, channel, curve }: SenderChannelOptions,
  { signal }: CallOptions,
): Promise<JoinReply> {
  const nonce = toBase64Url(randomBytes(16));
  return await access.join({ role: 'sender', channel, curve, nonce }, present(signal));
}

function present(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function senderState(state: JoinReply['state']): SenderState {
  if (state.role === 'sender') return state;
  throw new OnionferryError('ERR_PROTOCOL', 'the relay answered as if to somebody else; try again');
}

/** Any of them: whoever floods the channel with answers must not push the others to the end. */
function pickAny(answers: readonly SenderAttempt[]): SenderAttempt {
  const answer = answers[randomInt(answers.length)];
  if (answer === undefined) throw new OnionferryError('ERR_INTERNAL', 'no answer to judge');
  return answer;
}
