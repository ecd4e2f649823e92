import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SocksProxyAgent } from 'socks-proxy-agent';
import { OnionferryError } from '../../base/errors.js';
import { type OnionAddress, parseOnionAddress } from '../../onion/address.js';
import type { TorEndpoint } from '../control/endpoint.js';
import { dialOnion } from './dial-onion.js';
import { dialWithRetries, type RetryOptions } from './dial-with-retries.js';
import { OptimisticConnection } from './optimistic-connection.js';

export interface OnionAgentOptions {
  /** Read at each dial: a tor that was restarted may listen elsewhere. */
  readonly socks: TorEndpoint;
  /** Read at each dial: requests with the same value share a circuit to each onion. */
  readonly isolation: string;
  /** Aborts dials, but no request that has its connection. */
  readonly signal?: AbortSignal | undefined;
  /** Retries dials while the service may only be starting; default is one attempt. */
  readonly retry?: ((onion: OnionAddress) => RetryOptions) | undefined;
}

/**
 * An agent for node:http through tor, whose connections stay open between requests. A connection's
 * first request travels with its dial, which ends when the request is destroyed.
 *
 * SocksProxyAgent keeps the connections; how one is made is ours: ../README.md says why.
 */
export class OnionAgent extends SocksProxyAgent {
  readonly #options: OnionAgentOptions;
  readonly #closing = new AbortController();

  constructor(options: OnionAgentOptions) {
    // socks5h: tor resolves the name. The endpoint is not used: `connect` knows the real one.
    super('socks5h://127.0.0.1:9050', { keepAlive: true });
    this.#options = options;
  }

  override connect(
    _request: ClientRequest,
    { host, port, secureEndpoint }: Parameters<SocksProxyAgent['connect']>[1],
  ): Promise<Socket> {
    if (secureEndpoint) {
      throw new OnionferryError('ERR_INTERNAL', 'an onion service is reached by http, not https');
    }
    const onion = parseOnionAddress(host ?? '');
    const options = this.#options;
    const connection = new OptimisticConnection((first, ended) => {
      const { signal = ended, retry } = options;
      const dial = {
        ...{ onion, port, first },
        signal: AbortSignal.any([this.#closing.signal, ended, signal]),
        get socks(): TorEndpoint {
          return options.socks;
        },
        get isolation(): string {
          return options.isolation;
        },
      };
      // Not a spread: that would read the getters now.
      if (retry === undefined) return dialOnion(dial);
      return dialWithRetries(Object.assign(dial, retry(onion)));
    });
    // Only the overridden method's type asks for a Socket: node:http takes any Duplex.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- see above
    return Promise.resolve(connection as Duplex as Socket);
  }

  /** Ends all connections and dials, so that the next request dials. */
  dropConnections(): void {
    super.destroy();
  }

  /** Ends all connections and dials, for good. */
  override destroy(): void {
    this.#closing.abort(new OnionferryError('ERR_INTERRUPTED', 'the connection is closed'));
    super.destroy();
  }
}
