import { randomBytes, toBase64Url } from '../../base/bytes.js';
import { sleep } from '../../base/deadline.js';
import { hasCode, hasCourse, OnionferryError } from '../../base/errors.js';
import type { CurveName } from '../../pake/curves/curve-name.js';
import type { RelayRequests } from '../../relay-protocol/relay-client.js';
import type {
  ChannelRequest,
  JoinReply,
  ParticipantId,
  SenderState,
} from '../../relay-protocol/wire.js';
import { leave } from './leave.js';
import type { CallOptions } from './meeting.js';

/** Pauses before a channel that was lost is joined again. */
const REOPEN_PAUSE_MS = 2_000;
const REOPEN_PAUSE_MAX_MS = 30_000;
/** How long to wait for another sender to leave that took the channel's name in the meantime. */
const TAKEN_MAX_MS = 5 * 60_000;

export interface SenderParticipantOptions {
  readonly relay: RelayRequests;
  readonly channel: string;
  readonly curve: CurveName;
  /** The same for every join, so that a participant that is still there is found again; default fresh. */
  readonly nonce?: string | undefined;
  /** What it waits for, a phrase. */
  readonly onWaiting?: ((reason: string) => void) | undefined;
}

/** The sender in a relay's channel, kept there through the relay's absence. */
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
    if (this.#state === undefined) throw notJoined();
    return this.#state;
  }

  get uuid(): ParticipantId {
    if (this.#joined === undefined) throw notJoined();
    return this.#joined.uuid;
  }

  /** @returns whether it is a new participant. @throws OnionferryError ERR_CHANNEL_TAKEN, … */
  async join({ signal }: CallOptions = {}): Promise<boolean> {
    const { relay, channel, curve } = this.#options;
    const request = { role: 'sender', channel, curve, nonce: this.#nonce } as const;
    const joined = await relay.join(request, { signal });
    const isNew = joined.uuid !== this.#joined?.uuid;
    this.#joined = joined;
    this.#state = senderState(joined.state);
    return isNew;
  }

  async post(
    request: Omit<ChannelRequest, 'channel' | 'uuid'>,
    { signal }: CallOptions,
  ): Promise<void> {
    const { relay, channel } = this.#options;
    const whole = { channel, uuid: this.uuid, ...request };
    this.#state = senderState(await relay.channel(whole, { signal }));
  }

  /**
   * Joins again after the relay was restarted, has ended the channel by age or could not be reached
   * for a while: the invitation stays valid.
   *
   * @returns whether it is a new participant
   * @throws `cause` if that is nothing that passes; the signal's reason
   */
  async rejoin(cause: unknown, call: CallOptions): Promise<boolean> {
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
        return await this.join(call);
      } catch (error) {
        failure = error;
      }
    }
  }

  /**
   * Joins as `rejoin` does, but never as the participant of an earlier process: the shares that
   * stand there belong to exchanges that nobody knows any more.
   *
   * @throws as `rejoin`
   */
  async joinAfresh(call: CallOptions): Promise<void> {
    for (let pause = 0; ; pause = REOPEN_PAUSE_MS) {
      // None the first time; a relay that shows nothing but used participants is not to be asked all the time.
      await sleep(pause, call.signal);
      try {
        await this.join(call);
      } catch (error) {
        await this.rejoin(error, call);
      }
      const { revision, attempts } = this.state;
      if (revision === 0 && attempts.length === 0) return;
      await this.leave();
    }
  }

  /**
   * Ends the channel. Never throws: it may have ended by itself.
   *
   * @param isTaken tells those who wait that somebody else is receiving
   */
  async leave(isTaken = false): Promise<void> {
    const { relay, channel } = this.#options;
    const busy = isTaken ? { busy: true } : {};
    await leave(relay, { channel, uuid: this.uuid, close: true, ...busy });
  }
}

function senderState(state: JoinReply['state']): SenderState {
  if (state.role === 'sender') return state;
  throw new OnionferryError('ERR_PROTOCOL', 'the relay answered as if to somebody else; try again');
}

function notJoined(): OnionferryError {
  return new OnionferryError('ERR_INTERNAL', 'the channel was not joined yet');
}
