import { sleep } from '../base/deadline.js';
import { hasCourse, OnionferryError } from '../base/errors.js';
import { type Logger, silentLogger } from '../base/logger.js';
import type { OnionAddress } from '../onion/address.js';
import { ELSEWHERE_STATUS, elsewhereIn } from './elsewhere.js';
import { Homes } from './homes.js';
import type { WireCode } from './refusal.js';
import type { RelayRequests, RequestOptions } from './relay-client.js';
import { finalState, type Reply, refusalOf, understand } from './reply.js';
import {
  type ChannelRequest,
  type ChannelState,
  channelStateSchema,
  type JoinReply,
  type JoinRequest,
  joinReplySchema,
  type ParticipantId,
  type Role,
} from './wire.js';

/** A backend that answers a join so may let nobody in for long. */
const CLOSED_TO_NEWCOMERS: readonly WireCode[] = ['going-away', 'no-directory', 'relay-full'];
/** A reply in bytes: the largest state has 32 attempts of some 300 bytes, and 64 of some 100. */
export const REPLY_MAX_BYTES: number = 64 * 1024;
/** A reply may take three slow round trips of Tor, and an overloaded relay's own time. */
const REPLY_DEADLINE_MS = 30_000;
/** Pauses before a request whose reply was lost is sent again: a broken circuit needs a new one. */
const RETRY_DELAYS_MS: readonly number[] = [100, 500, 2000, 5000];
/** What a close that was carried out before is answered with. */
const ALREADY_CLOSED: readonly WireCode[] = ['attempt-ended', 'no-such-channel', 'channel-closed'];

/** How often one request is sent on: once, and again if channels move meanwhile. */
export const LED_MAX = 4;

/** No reply came, or not all of it: whether the request was carried out cannot be known. */
export class LostReply extends Error {
  override readonly name: string = 'LostReply';
}

export interface Post {
  /** The backend's own address; undefined: that of the relay, as it was given */
  readonly home: OnionAddress | undefined;
  readonly path: '/join' | '/channel';
  /** JSON. */
  readonly body: string;
  /** To the last byte of the reply, from the moment there is a connection; in a page, from the call. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

export interface RepeatedRequestsOptions {
  /**
   * Posts once and reads the whole reply.
   *
   * @throws LostReply; in the program an OnionferryError if there is no connection, and the signal's
   *   reason; in a page every failure is a LostReply
   */
  readonly post: (post: Post) => Promise<Reply>;
  /** Besides the time that the relay was asked to wait; default 30 s. */
  readonly replyDeadlineMs?: number | undefined;
  readonly retryDelaysMs?: readonly number[] | undefined;
  /** Whether it can ask at other addresses than its relay's; default true. */
  readonly follows?: boolean | undefined;
  readonly logger?: Logger | undefined;
}

/**
 * Requests to a relay, asked again when a reply is lost: every one of them can be repeated. Where a
 * relay has several backends, each channel is asked about at the one that has it.
 */
export class RepeatedRequests implements RelayRequests {
  readonly #options: RepeatedRequestsOptions;
  readonly #closing = new AbortController();
  protected readonly homes: Homes = new Homes();
  /** To know what a close that has been carried out twice leaves behind. */
  readonly #roles = new Map<ParticipantId, Role>();

  constructor(options: RepeatedRequestsOptions) {
    this.#options = options;
  }

  async join(request: JoinRequest, { signal }: RequestOptions = {}): Promise<JoinReply> {
    const place = request.channel ?? request.nonce;
    const asked = { path: '/join', request, waitMs: 0, signal } as const;
    const { reply, home } = await this.#askAtHome({ channel: place }, asked);
    // One that lets nobody in is not asked again: another one may.
    const code = refusalOf(reply);
    if (code !== undefined && CLOSED_TO_NEWCOMERS.includes(code)) this.homes.forget(place);
    const joined = understand(joinReplySchema, reply);
    this.homes.set(joined.channel, joined.home ?? home);
    this.#roles.set(joined.uuid, request.role);
    return joined;
  }

  async channel(request: ChannelRequest, { signal }: RequestOptions = {}): Promise<ChannelState> {
    const waitMs = request.wait ?? 0;
    const asked = { path: '/channel', request, waitMs, signal } as const;
    const known = this.homes.of(request.channel, request.uuid);
    const role = this.#roles.get(request.uuid);
    const { reply, repeated, home } = await this.#askAtHome(request, asked);
    if (home !== known && refusalOf(reply) === undefined) this.homes.set(request.channel, home);
    if (isLast(request, role)) {
      this.#roles.delete(request.uuid);
      this.homes.part(request.uuid);
    }
    const code = refusalOf(reply);
    // A close whose reply was lost leaves nothing to close; other refusals say something else.
    const wasClosed = request.close === true && repeated && code !== undefined;
    if (wasClosed && role !== undefined && ALREADY_CLOSED.includes(code)) return finalState(role);
    const state = understand(channelStateSchema, reply);
    for (const uuid of pairedIn(state, request.uuid))
      this.homes.meet({ channel: request.channel, uuid });
    return state;
  }

  /** Ends running requests with ERR_INTERRUPTED. */
  close(): Promise<void> {
    const reason = new OnionferryError('ERR_INTERRUPTED', 'the connection to the relay is closed');
    this.#closing.abort(reason);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Aborts as `signal` does, or when this is closed. */
  protected untilClosed(signal: AbortSignal | undefined): AbortSignal {
    const closing = this.#closing.signal;
    return signal === undefined ? closing : AbortSignal.any([signal, closing]);
  }

  /** @param place its channel is what names it until its name is known */
  async #askAtHome(
    { channel: place, uuid }: { readonly channel: string; readonly uuid?: ParticipantId },
    asked: Asked,
  ): Promise<Answered & { readonly home: OnionAddress | undefined }> {
    let home = this.homes.of(place, uuid);
    for (let led = 0; ; led++) {
      let answered: Answered;
      try {
        answered = await this.#ask(asked, home);
      } catch (error) {
        // A backend that has ended takes its channels with it; another one takes who begins anew.
        const mayMove = asked.path === '/join' && home !== undefined && led < LED_MAX;
        const isGivenUp = this.untilClosed(asked.signal).aborted;
        if (!mayMove || isGivenUp || !hasCourse(error, 'relay-away')) throw error;
        this.homes.forget(place);
        home = undefined;
        continue;
      }
      const { status, body } = answered.reply;
      const onion = status === ELSEWHERE_STATUS ? elsewhereIn(body) : undefined;
      if (onion === undefined) return { ...answered, home };
      if (this.#options.follows === false) throw ledAway();
      if (onion === home || led >= LED_MAX) {
        this.homes.forget(place);
        throw ledInCircles();
      }
      home = onion;
    }
  }

  async #ask(
    { path, request, waitMs, signal }: Asked,
    home: OnionAddress | undefined,
  ): Promise<Answered> {
    const { post, replyDeadlineMs = REPLY_DEADLINE_MS } = this.#options;
    const { retryDelaysMs = RETRY_DELAYS_MS, logger = silentLogger } = this.#options;
    const body = JSON.stringify(request);
    const until = this.untilClosed(signal);
    for (let sent = 0; ; sent++) {
      try {
        const deadlineMs = replyDeadlineMs + waitMs;
        const reply = await post({ home, path, body, deadlineMs, signal: until });
        return { reply, repeated: sent > 0 };
      } catch (error) {
        until.throwIfAborted();
        if (!isLost(error, sent > 0)) throw error;
        const pause = retryDelaysMs[sent];
        if (pause === undefined) {
          const sentence = 'the relay does not answer; check that it still runs and try again';
          throw new OnionferryError('ERR_RELAY', sentence, { cause: error });
        }
        logger.debug(`relay: the reply to ${path} was lost, asking again (${reasonOf(error)})`);
        await sleep(pause, until);
      }
    }
  }
}

interface Asked extends Pick<Post, 'path'> {
  readonly request: JoinRequest | ChannelRequest;
  /** What the relay is asked to wait */
  readonly waitMs: number;
  readonly signal: AbortSignal | undefined;
}

interface Answered {
  readonly reply: Reply;
  readonly repeated: boolean;
}

/** Whether the participant leaves: a sender may also close one attempt alone. */
function isLast({ close, attempt }: ChannelRequest, role: Role | undefined): boolean {
  return close === true && (attempt === undefined || role === 'recipient');
}

/** Those of the client's participants that have met another. */
function pairedIn(state: ChannelState, uuid: ParticipantId): ParticipantId[] {
  if (state.role === 'recipient') return state.phase === 'confirmed' ? [uuid] : [];
  return state.attempts.flatMap(({ participant }) => participant ?? []);
}

function ledAway(): OnionferryError {
  return new OnionferryError(
    'ERR_RELAY',
    'the other side is at another machine of this relay, which a page cannot reach; use the onionferry program, or try a new Tor circuit for this site, which may lead there',
  );
}

function ledInCircles(): OnionferryError {
  return new OnionferryError(
    'ERR_RELAY_BUSY',
    'the relay sends this program from one of its machines to the next; try again in a minute',
  );
}

/** What was lost, for the log. */
function reasonOf(error: unknown): string {
  return String(error instanceof LostReply ? (error.cause ?? error) : error);
}

/** While a request is repeated, a circuit that cannot be built yet is one more lost reply. */
function isLost(error: unknown, repeating: boolean): boolean {
  return error instanceof LostReply || (repeating && hasCourse(error, 'relay-away'));
}
