import { randomBytes, toBase64Url } from '../../base/bytes.js';
import type { OnionAddress } from '../../onion/address.js';
import { STREAM_PORT } from '../../relay-protocol/wire.js';
import type { TorEndpoint } from '../../tor/control/endpoint.js';
import { dialOnion } from '../../tor/dial/dial-onion.js';
import type { Settings } from '../options.js';

/** The circuit of a relay's requests and of stream 0. */
export const REQUESTS_CIRCUIT = '0';

/** For the circuits of one call: nothing else shares them. */
export function newIsolation(): string {
  return toBase64Url(randomBytes(9));
}

/** The SOCKS user that stands for one circuit. */
export function circuitOf(isolation: string, name: string): string {
  return `${isolation}-${name}`;
}

/**
 * Has tor look a relay up and build the circuit of its requests while it still connects to its own
 * network: a second or two sooner. Nothing is said over the connection, which only has to be begun.
 */
export class EarlyDial implements Disposable {
  /** For `reachRelay`, whose requests take the circuit over. */
  readonly isolation: string = newIsolation();
  readonly #onion: OnionAddress;
  readonly #logger: Settings['logger'];
  readonly #ending = new AbortController();

  constructor(onion: OnionAddress, { logger }: Settings) {
    this.#onion = onion;
    this.#logger = logger;
  }

  /** To be called when tor takes dials, at most once. Whatever fails, fails again where it matters. */
  begin(socks: TorEndpoint): void {
    const isolation = circuitOf(this.isolation, REQUESTS_CIRCUIT);
    const { signal } = this.#ending;
    dialOnion({ socks, onion: this.#onion, port: STREAM_PORT, isolation, signal }).then(
      (socket) => socket.destroy(),
      (error: unknown) => this.#logger.debug(`the early dial: ${String(error)}`),
    );
  }

  [Symbol.dispose](): void {
    this.#ending.abort();
  }
}
