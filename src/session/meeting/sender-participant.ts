import { randomBytes, toBase64Url } from '../../base/bytes.js';
import { sleep } from '../../base/deadline.js';
import { hasCode, hasCourse, OnionferryError } from '../../base/errors.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import type { RelayRequests } from '../../relay-protocol/relay-requests.js';
import type {
  ChannelRequest,
  JoinReply,
  ParticipantId,
  SenderState,
} from '../../relay-protocol/wire.js';
import { leave } from './leave.js';

/** Pauses before a place that was lost is taken again. */
const REOPEN_PAUSE_MS = 2_000;
const REOPEN_PAUSE_MAX_MS = 30_000;
/** How long the sender hopes that whoever took its channel's name meanwhile will leave. */
const TAKEN_MAX_MS = 5 * 60_000;

export interface SenderParticipantOptions {
  readonly access: RelayRequests;
  readonly channel: string;
  readonly curve: CurveName;
  /** The same for every join, so that a place that is still there is found again; default fresh. */
  readonly nonce?: string;
  /** What it waits for, a phrase. */
  readonly onWaiting?: (reason: string) => void;
}

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** The sender's place in a relay's channel, kept through the relay's absence. */
export class SenderParticipant {
  readonly #options: SenderParticipantOptions;
  readonly #nonce: string;
  #joined: JoinReply | undefined;
  #state: SenderState | undefined;

  constructor(options: SenderParticipantOptions) {
    this.#options = options;
    this.#nonce = options.nonce ?? toBase64Url(randomBytes(16));
  }

  /** As the relay told it last. */
  get state(): SenderState {
    if (this.#state === undefined) throw new OnionferryError('ERR_INTERNAL', 'no place taken yet');
    return this.#state;
  }

  get uuid(): ParticipantId {
    if (this.#joined === undefined) throw new OnionferryError('ERR_INTERNAL', 'no place taken yet');
    return this.#joined.uuid;
  }

  /** @returns whether the place is a new one. @throws OnionferryError ERR_CHANNEL_TAKEN, … */
  async take({ signal }: CallOptions = {}): Promise<boolean> {
    const { access, channel, curve } = this.#options;
    const request = { role: 'sender', channel, curve, nonce: this.#nonce } as const;
    const joined = await access.join(request, present(signal));
    const isNew = joined.uuid !== this.#joined?.uuid;
    this.#joined = joined;
    this.#state = senderState(joined.state);
    return isNew;
  }

  async post(
    request: Omit<ChannelRequest, 'channel' | 'uuid'>,
    { signal }: CallOptions,
  ): Promise<void> {
    const { access, channel } = this.#options;
    const whole = { channel, uuid: this.uuid, ...request };
    this.#state = senderState(await access.channel(whole, present(signal)));
  }

  /**
   * Takes the place again after the relay was restarted, has ended the channel by age or could not
   * be reached for a while: the invitation stays good.
   *
   * @returns whether the place is a new one
   * @throws `cause` if that is nothing that passes; the signal's reason
   */
  async retake(cause: unknown, call: CallOptions): Promise<boolean> {
    const takenUntil = performance.now() + TAKEN_MAX_MS;
    let failure = cause;
    for (let pause = REOPEN_PAUSE_MS; ; pause = Math.min(2 * pause, REOPEN_PAUSE_MAX_MS)) {
      call.signal?.throwIfAborted();
      const isTaken = hasCode(failure, 'ERR_CHANNEL_TAKEN') && performance.now() < takenUntil;
      const mayPass = hasCourse(failure, 'relay-away', 'tor-lost', 'channel-gone');
      if (!isTaken && !mayPass) throw failure;
      this.#options.onWaiting?.(isTaken ? 'the relay’s channel is taken' : 'the relay is away');
      await sleep(pause, call.signal);
      try {
        return await this.take(call);
      } catch (error) {
        failure = error;
      }
    }
  }

  /**
   * Takes the place as `retake` does, and never one that an earlier process left behind: the
   * offers that stand there were of X that nobody knows any more.
   *
   * @throws as `retake`
   */
  async takeAnew(call: CallOptions): Promise<void> {
    for (let pause = 0; ; pause = REOPEN_PAUSE_MS) {
      // None the first time; a relay that shows used places only is not to be asked all the time.
      await sleep(pause, call.signal);
      try {
        await this.take(call);
      } catch (error) {
        await this.retake(error, call);
      }
      const { revision, attempts } = this.state;
      if (revision === 0 && attempts.length === 0) return;
      await this.leave();
    }
  }

  /** Ends the channel. Never throws: it may have ended by itself. */
  async leave(): Promise<void> {
    const { access, channel } = this.#options;
    await leave(access, { channel, uuid: this.uuid, close: true });
  }
}

function present(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

function senderState(state: JoinReply['state']): SenderState {
  if (state.role === 'sender') return state;
  throw new OnionferryError('ERR_PROTOCOL', 'the relay answered as if to somebody else; try again');
}
