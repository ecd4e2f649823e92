import { type Credentials, formatAuthorization } from '../../base/authorization.js';
import { concat } from '../../base/bytes.js';
import { deadline } from '../../base/deadline.js';
import { hasCode, OnionferryError } from '../../base/errors.js';
import { AnsweredChannel } from '../../relay-protocol/answered-channel.js';
import type {
  DialledStream,
  RelayClient,
  RelayStream,
  StreamAddress,
  StreamDial,
} from '../../relay-protocol/relay-client.js';
import {
  LostReply,
  type Post,
  REPLY_MAX_BYTES,
  RepeatedRequests,
} from '../../relay-protocol/repeated-requests.js';
import type { Reply } from '../../relay-protocol/reply.js';
import { WEB_SOCKET_PATH } from '../../relay-protocol/wire.js';
import { type PageSocket, WebSocketChannel } from './web-socket-channel.js';

export interface PageRelayClientOptions {
  /** Where the page came from, such as `http://….onion`. */
  readonly origin: string;
  /**
   * What to show for Basic auth. Without it the browser shows what the person has typed for the
   * page, which is the same on a relay for others.
   */
  readonly credentials?: Credentials | undefined;
  readonly openSocket: (url: string) => PageSocket;
}

/** The relay that the page came from. A browser has one circuit for it, whatever is dialled. */
export class PageRelayClient extends RepeatedRequests implements RelayClient {
  readonly #options: PageRelayClientOptions;

  constructor(options: PageRelayClientOptions) {
    // A page may connect to its own origin alone.
    super({ post: (post) => fetchReply(options, post), follows: false });
    this.#options = options;
  }

  async dialStream({ signal }: StreamDial = {}): Promise<DialledStream> {
    this.untilClosed(signal).throwIfAborted();
    const { origin, openSocket } = this.#options;
    const url = `${origin.replace(/^http/, 'ws')}${WEB_SOCKET_PATH}`;
    const channel = new WebSocketChannel(openSocket(url));
    return Promise.resolve({
      hello: (address) => {
        channel.hello(JSON.stringify(address));
        return {
          channel: Promise.resolve(new AnsweredChannel(channel)),
          destroy: () => channel.destroy(),
        };
      },
      destroy: () => channel.destroy(),
    });
  }

  async openStream(address: StreamAddress, dial: StreamDial = {}): Promise<RelayStream> {
    return (await this.dialStream(dial)).hello(address);
  }
}

async function fetchReply(
  { origin, credentials }: PageRelayClientOptions,
  { path, body, deadlineMs, signal }: Post,
): Promise<Reply> {
  using limit = deadline(deadlineMs, 'the relay did not answer in time', signal);
  try {
    const response = await fetch(`${origin}${path}`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/json',
        ...(credentials !== undefined && { Authorization: formatAuthorization(credentials) }),
      },
      // With a header of its own no wrong password makes the browser ask the person for another.
      credentials: credentials === undefined ? 'same-origin' : 'omit',
      cache: 'no-store',
      redirect: 'error',
      body,
      signal: limit.signal,
    });
    return { status: response.status, body: await bodyOf(response) };
  } catch (cause) {
    if (hasCode(cause, 'ERR_PROTOCOL')) throw cause;
    // fetch tells nothing of what failed.
    throw new LostReply('lost', { cause });
  }
}

/** @throws OnionferryError ERR_PROTOCOL if it is longer than any relay's */
async function bodyOf(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const parts: Uint8Array[] = [];
  for (let bytes = 0; reader !== undefined; ) {
    const { done, value } = await reader.read();
    if (done) break;
    bytes += value.length;
    if (bytes > REPLY_MAX_BYTES) {
      await reader.cancel();
      throw new OnionferryError('ERR_PROTOCOL', 'what answers there is not an onionferry relay');
    }
    parts.push(value);
  }
  return new TextDecoder().decode(concat(...parts));
}
