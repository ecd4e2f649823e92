import { utf8 } from '../../base/bytes.js';
import { deadline, sleep } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { RelayRequests } from '../../relay-protocol/relay-requests.js';
import { finalState, type Reply, refusalOf, understand } from '../../relay-protocol/reply.js';
import {
  type ChannelRequest,
  type ChannelState,
  channelStateSchema,
  type JoinReply,
  type JoinRequest,
  joinReplySchema,
  type ParticipantId,
  type Role,
  WEB_SOCKET_PATH,
} from '../../relay-protocol/wire.js';
import { ByteStream } from './byte-stream.js';
import type { OpenSocket } from './page-socket.js';

/** A reply may take three slow round trips of Tor, and an overloaded relay's own time. */
const REPLY_DEADLINE_MS = 30_000;
/** Pauses before a request whose reply was lost is sent again. */
const RETRY_DELAYS_MS: readonly number[] = [500, 2000, 5000];

export interface PageRelayOptions {
  /** Where the page came from, such as `http://….onion`. */
  readonly origin: string;
  /**
   * What to show at the door. Without it the browser shows what the person has typed for the page,
   * which is the same on a relay for others.
   */
  readonly door?: { readonly user: string; readonly password: string } | undefined;
  readonly openSocket: OpenSocket;
}

/** The relay that the page came from. A reply that is lost is asked for again. */
export class PageRelay implements RelayRequests {
  readonly #options: PageRelayOptions;
  readonly #roles = new Map<ParticipantId, Role>();

  constructor(options: PageRelayOptions) {
    this.#options = options;
  }

  async join(request: JoinRequest, { signal }: { signal?: AbortSignal } = {}): Promise<JoinReply> {
    const { reply } = await this.#ask('/join', request, 0, signal);
    const joined = understand(joinReplySchema, reply);
    this.#roles.set(joined.uuid, request.role);
    return joined;
  }

  async channel(
    request: ChannelRequest,
    { signal }: { signal?: AbortSignal } = {},
  ): Promise<ChannelState> {
    const { reply, repeated } = await this.#ask('/channel', request, request.wait ?? 0, signal);
    const role = this.#roles.get(request.uuid);
    // A close that was carried out, and whose reply was lost, leaves nothing to close.
    if (
      request.close === true &&
      repeated &&
      role !== undefined &&
      refusalOf(reply) !== undefined
    ) {
      return finalState(role);
    }
    return understand(channelStateSchema, reply);
  }

  /** Bytes of one stream, as over the stream port. */
  openStream(place: { channel: string; uuid: ParticipantId; stream: number }): ByteStream {
    const { origin, openSocket } = this.#options;
    const url = `${origin.replace(/^http/, 'ws')}${WEB_SOCKET_PATH}`;
    return new ByteStream(openSocket, url, JSON.stringify(place));
  }

  async #ask(
    path: string,
    request: JoinRequest | ChannelRequest,
    waitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<{ reply: Reply; repeated: boolean }> {
    for (let sent = 0; ; sent++) {
      try {
        return { reply: await this.#post(path, request, waitMs, signal), repeated: sent > 0 };
      } catch (cause) {
        signal?.throwIfAborted();
        const pause = RETRY_DELAYS_MS[sent];
        if (pause === undefined) {
          const sentence = 'the relay does not answer; check that it still runs and try again';
          throw new OnionferryError('ERR_RELAY', sentence, { cause });
        }
        await sleep(pause, signal);
      }
    }
  }

  async #post(
    path: string,
    request: JoinRequest | ChannelRequest,
    waitMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Reply> {
    const { origin, door } = this.#options;
    const tooLong = (): OnionferryError =>
      new OnionferryError('ERR_TIMEOUT', 'the relay did not answer in time');
    using limit = deadline(REPLY_DEADLINE_MS + waitMs, tooLong, signal);
    const response = await fetch(`${origin}${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(door !== undefined && { Authorization: authorization(door) }),
      },
      // With a header of its own no wrong password makes the browser ask the person for another.
      credentials: door === undefined ? 'same-origin' : 'omit',
      cache: 'no-store',
      redirect: 'error',
      body: JSON.stringify(request),
      signal: limit.signal,
    });
    return { status: response.status, body: await response.text() };
  }
}

/** RFC 7617, in UTF-8. */
function authorization({ user, password }: { user: string; password: string }): string {
  const bytes = Array.from(utf8(`${user}:${password}`), (byte) => String.fromCharCode(byte));
  return `Basic ${btoa(bytes.join(''))}`;
}
