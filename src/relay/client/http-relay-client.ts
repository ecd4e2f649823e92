import { randomUUID } from 'node:crypto';
import type { Agent } from 'node:http';
import type { Socket } from 'node:net';
import { type Credentials, formatAuthorization } from '../../base/authorization.js';
import { OnionferryError } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import type { OnionAddress } from '../../onion/address.js';
import { AnsweredChannel, encodeHello } from '../../relay-protocol/answered-channel.js';
import type {
  DialledStream,
  RelayClient,
  RelayStream,
  StreamAddress,
  StreamDial,
} from '../../relay-protocol/relay-client.js';
import { RepeatedRequests } from '../../relay-protocol/repeated-requests.js';
import { HTTP_PORT } from '../../relay-protocol/wire.js';
import { DuplexChannel } from '../duplex-channel.js';
import { exchange } from './http-exchange.js';

export interface HttpRelayClientOptions {
  /** The onion address, or what the agent can connect to by this name */
  readonly host: string;
  readonly port?: number;
  /** Keeps connections alive, to backends as well; stays the caller's */
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
  /** A backend's own address; undefined: that of the relay, as it was given */
  readonly home: OnionAddress | undefined;
  /** Each has a circuit of its own */
  readonly isolation: string;
  /** Sent with the dial, before it is known to succeed */
  readonly first?: Uint8Array;
  readonly signal: AbortSignal;
}

/** A relay behind HTTP and its stream port. */
export class HttpRelayClient extends RepeatedRequests implements RelayClient {
  readonly #dial: HttpRelayClientOptions['dial'];
  readonly #authorization: string;

  constructor(options: HttpRelayClientOptions) {
    const { agent, host, port = HTTP_PORT, credentials } = options;
    const authorization = formatAuthorization(credentials);
    super({
      ...options,
      post: (post) => exchange({ ...post, agent, host: post.home ?? host, port, authorization }),
    });
    this.#dial = options.dial;
    this.#authorization = authorization;
  }

  async dialStream(options: StreamDial = {}): Promise<DialledStream> {
    const { signal, isolation = randomUUID() } = options;
    // Before a channel is joined nobody knows where it is.
    const home = this.homes.latest;
    const dialled = await this.#dial({ home, isolation, signal: this.untilClosed(signal) });
    const channel = new DuplexChannel(dialled);
    return {
      hello: (address) => {
        if (this.homes.of(address.channel, address.uuid) !== home) {
          channel.destroy();
          return later((until) => this.openStream(address, { isolation, signal: until }));
        }
        // A connection that breaks is noticed by the first read.
        channel.write([this.#hello(address)]).catch(() => undefined);
        return answered(channel);
      },
      destroy: () => channel.destroy(),
    };
  }

  async openStream(
    address: StreamAddress,
    { signal, isolation = randomUUID() }: StreamDial = {},
  ): Promise<RelayStream> {
    const first = this.#hello(address);
    const home = this.homes.of(address.channel, address.uuid);
    const socket = await this.#dial({ home, isolation, first, signal: this.untilClosed(signal) });
    return answered(new DuplexChannel(socket));
  }

  #hello({ channel, uuid, stream }: StreamAddress): Uint8Array<ArrayBuffer> {
    return encodeHello({ channel, uuid, stream, authorization: this.#authorization });
  }
}

function answered(channel: DuplexChannel): RelayStream {
  return {
    channel: Promise.resolve(new AnsweredChannel(channel)),
    destroy: () => channel.destroy(),
  };
}

/** A stream that is dialled only now. */
function later(open: (signal: AbortSignal) => Promise<RelayStream>): RelayStream {
  const givingUp = new AbortController();
  const opening = open(givingUp.signal);
  return {
    channel: opening.then((stream) => stream.channel),
    destroy(): void {
      givingUp.abort(new OnionferryError('ERR_PEER_GONE', 'the stream was given up'));
      opening.then((stream) => stream.destroy()).catch(() => undefined);
    },
  };
}
