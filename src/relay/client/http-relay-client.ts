import { randomUUID } from 'node:crypto';
import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { type Credentials, formatAuthorization } from '../../base/authorization.js';
import { sleep } from '../../base/deadline.js';
import { hasCourse, OnionferryError } from '../../base/errors.js';
import { type Logger, silentLogger } from '../../base/logger.js';
import type {
  DialledStream,
  RelayClient,
  RelayStream,
  StreamAddress,
  StreamDial,
} from '../../relay-protocol/relay-client.js';
import { finalState, type Reply, refusalOf, understand } from '../../relay-protocol/reply.js';
import {
  type ChannelRequest,
  type ChannelState,
  channelStateSchema,
  HTTP_PORT,
  type JoinReply,
  type JoinRequest,
  joinReplySchema,
  type ParticipantId,
  type Role,
} from '../../relay-protocol/wire.js';
import { exchange, LostReply } from './http-exchange.js';
import { dialledStream, helloLine, remoteStream } from './remote-stream.js';

/** A reply may take three slow round trips of Tor, and an overloaded relay's own time. */
const REPLY_DEADLINE_MS = 30_000;

/** Pauses before a request whose reply was lost is sent again: a broken circuit needs a new one. */
const RETRY_DELAYS_MS: readonly number[] = [100, 500, 2000, 5000];

export interface HttpRelayClientOptions {
  /** The onion address, or what the agent can connect to by this name */
  readonly host: string;
  readonly port?: number;
  /** Keeps connections alive; stays the caller's */
  readonly agent: Agent;
  /** Connects to the stream port */
  readonly dial: (dial: PortDial) => Promise<Socket>;
  readonly credentials: Credentials;
  /** From a connection to the end of the reply, besides the time that the relay was asked to wait */
  readonly replyDeadlineMs?: number;
  readonly retryDelaysMs?: readonly number[];
  readonly logger?: Logger;
}

export interface PortDial {
  /** Each has a circuit of its own */
  readonly isolation: string;
  /** Sent with the dial, before it is known to succeed */
  readonly first?: Uint8Array;
  readonly signal: AbortSignal;
}

type Kind = 'join' | 'channel';

/** A relay behind HTTP. A reply that is lost is asked for again: every request can be repeated. */
export function httpRelayClient(options: HttpRelayClientOptions): RelayClient {
  return new HttpRelayClient(options);
}

class HttpRelayClient implements RelayClient {
  readonly #options: HttpRelayClientOptions;
  readonly #authorization: string;
  readonly #logger: Logger;
  readonly #closing = new AbortController();
  /** To know what a close that has been carried out twice leaves behind */
  readonly #roles = new Map<ParticipantId, Role>();

  constructor(options: HttpRelayClientOptions) {
    this.#options = options;
    this.#authorization = formatAuthorization(options.credentials);
    this.#logger = options.logger ?? silentLogger;
  }

  async join(request: JoinRequest, { signal }: { signal?: AbortSignal } = {}): Promise<JoinReply> {
    const { reply } = await this.#ask('join', request, 0, signal);
    const joined = understand(joinReplySchema, reply);
    this.#roles.set(joined.uuid, request.role);
    return joined;
  }

  async channel(
    request: ChannelRequest,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<ChannelState> {
    const { reply, repeated } = await this.#ask('channel', request, request.wait ?? 0, signal);
    if (request.close === true) {
      const role = this.#roles.get(request.uuid);
      const gone = ['attempt-ended', 'no-such-channel', 'channel-closed'];
      const code = refusalOf(reply);
      if (repeated && role !== undefined && code !== undefined && gone.includes(code)) {
        return finalState(role);
      }
    }
    return understand(channelStateSchema, reply);
  }

  async dialStream({ signal, isolation = randomUUID() }: StreamDial = {}): Promise<DialledStream> {
    const socket = await this.#options.dial({ isolation, signal: this.#under(signal) });
    return dialledStream(socket, this.#authorization);
  }

  async openStream(
    place: StreamAddress,
    { signal, isolation = randomUUID() }: StreamDial = {},
  ): Promise<RelayStream> {
    const first = Buffer.from(helloLine(place, this.#authorization));
    const socket = await this.#options.dial({ isolation, first, signal: this.#under(signal) });
    return remoteStream(socket);
  }

  close(): Promise<void> {
    const reason = new OnionferryError('ERR_INTERRUPTED', 'the connection to the relay is closed');
    this.#closing.abort(reason);
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #under(signal: AbortSignal | undefined): AbortSignal {
    const closing = this.#closing.signal;
    return signal === undefined ? closing : AbortSignal.any([signal, closing]);
  }

  async #ask(
    kind: Kind,
    request: JoinRequest | ChannelRequest,
    waitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<{ reply: Reply; repeated: boolean }> {
    const { host, port = HTTP_PORT, agent, replyDeadlineMs = REPLY_DEADLINE_MS } = this.#options;
    const delays = this.#options.retryDelaysMs ?? RETRY_DELAYS_MS;
    const either = this.#under(signal);
    for (let sent = 0; ; sent++) {
      try {
        const reply = await exchange({
          agent,
          host,
          port,
          path: `/${kind}`,
          authorization: this.#authorization,
          body: JSON.stringify(request),
          deadlineMs: replyDeadlineMs + waitMs,
          signal: either,
        });
        return { reply, repeated: sent > 0 };
      } catch (error) {
        if (!isLost(error, sent > 0)) throw error;
        const pause = delays[sent];
        if (pause === undefined) {
          const sentence = 'the relay does not answer; check that it still runs and try again';
          throw new OnionferryError('ERR_RELAY', sentence, { cause: error });
        }
        this.#logger.debug(`relay: the reply to /${kind} was lost, asking again`);
        await sleep(pause, either);
      }
    }
  }
}

/** While a request is repeated, a circuit that cannot be built yet is one more lost reply. */
function isLost(error: unknown, repeating: boolean): boolean {
  if (error instanceof LostReply) return true;
  return repeating && hasCourse(error, 'relay-away');
}
