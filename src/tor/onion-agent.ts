import type { ClientRequest } from 'node:http';
import type { Socket } from 'node:net';
import { SocksProxyAgent } from 'socks-proxy-agent';
import { OnionferryError } from '../base/errors.js';
import { parseOnionAddress } from '../onion/address.js';
import { dialOnion, type SocksEndpoint } from './dial-onion.js';
import { dialPatiently, type Patience } from './dial-patiently.js';

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
 * `dialOnion`, since SocksProxyAgent itself loses tor's reason and cannot be aborted; a request
 * that is destroyed while it waits ends its dial.
 */
export class OnionAgent extends SocksProxyAgent {
  readonly #options: OnionAgentOptions;
  readonly #closing = new AbortController();

  constructor(options: OnionAgentOptions) {
    // socks5h: the name is tor's to resolve. Where the port is, dialOnion knows.
    super('socks5h://127.0.0.1:9050', { keepAlive: true });
    this.#options = options;
  }

  override async connect(
    request: ClientRequest,
    target: Parameters<SocksProxyAgent['connect']>[1],
  ): Promise<Socket> {
    const { signal, patience, ...options } = this.#options;
    if (target.secureEndpoint) {
      throw new OnionferryError('ERR_INTERNAL', 'an onion service is reached by http, not https');
    }
    const ended = new AbortController();
    // A request that is destroyed before it has its socket emits nothing.
    const destroy = request.destroy.bind(request);
    request.destroy = (error): ClientRequest => {
      ended.abort(new OnionferryError('ERR_INTERRUPTED', 'the request has ended'));
      return destroy(error);
    };
    const signals = [this.#closing.signal, ended.signal, ...(signal === undefined ? [] : [signal])];
    try {
      const dial = {
        ...options,
        onion: parseOnionAddress(target.host ?? ''),
        port: target.port,
        signal: AbortSignal.any(signals),
      };
      return await (patience === undefined
        ? dialOnion(dial)
        : dialPatiently({ ...dial, ...patience }));
    } finally {
      request.destroy = destroy;
    }
  }

  /** Ends its connections, so that the next request dials. */
  dropConnections(): void {
    super.destroy();
  }

  /** Ends its connections and dials. */
  override destroy(): void {
    this.#closing.abort(new OnionferryError('ERR_INTERRUPTED', 'the connection is closed'));
    super.destroy();
  }
}
