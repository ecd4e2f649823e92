import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { SocksProxyAgent } from 'socks-proxy-agent';
import { OnionferryError } from '../../base/errors.js';
import { parseOnionAddress } from '../../onion/address.js';
import { dialOnion, type SocksEndpoint } from './dial-onion.js';
import { dialPatiently, type Patience } from './dial-patiently.js';
import { OptimisticConnection } from './optimistic-connection.js';

export interface OnionAgentOptions {
  readonly socks: SocksEndpoint;
  /** All requests through this agent share a circuit for each onion. */
  readonly isolation: string;
  /** Aborts dials, not requests that have their connection. */
  readonly signal?: AbortSignal | undefined;
  /** Of each dial; default DIAL_DEADLINE_MS. */
  readonly deadlineMs?: number | undefined;
  /** Dials again while the service may only be starting. */
  readonly patience?: Patience | undefined;
}

/**
 * An agent for node:http whose connections stay open between requests, through tor. It dials by
 * `dialOnion`, since SocksProxyAgent itself loses tor's reason and cannot be aborted; a connection's
 * first request travels with the dial, which ends when the request is destroyed.
 */
export class OnionAgent extends SocksProxyAgent {
  readonly #options: OnionAgentOptions;
  readonly #closing = new AbortController();

  constructor(options: OnionAgentOptions) {
    // socks5h: the name is tor's to resolve. Where the port is, dialOnion knows.
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
    const connection = new OptimisticConnection((first, ended) => {
      const options = this.#options;
      const { signal, patience, deadlineMs } = options;
      const signals = [this.#closing.signal, ended, ...(signal === undefined ? [] : [signal])];
      const dial = {
        ...{ onion, port, first, deadlineMs, signal: AbortSignal.any(signals) },
        // A tor that comes back while it is dialled may listen elsewhere.
        get socks(): SocksEndpoint {
          return options.socks;
        },
        get isolation(): string {
          return options.isolation;
        },
      };
      if (patience === undefined) return dialOnion(dial);
      return dialPatiently(Object.assign(dial, patience));
    });
    // Only the type of what is overridden asks for a Socket: node:http takes any Duplex.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- see above
    return Promise.resolve(connection as Duplex as Socket);
  }

  /** Ends its connections, also those that are being dialled, so that the next request dials. */
  dropConnections(): void {
    super.destroy();
  }

  /** Ends its connections and dials. */
  override destroy(): void {
    this.#closing.abort(new OnionferryError('ERR_INTERRUPTED', 'the connection is closed'));
    super.destroy();
  }
}
