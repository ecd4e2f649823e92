import { randomBytes, toBase64Url } from '../../base/bytes.js';
import { OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import type { ClientKey } from '../../onion/client-key.js';
import { STREAM_PORT } from '../../relay-protocol/wire.js';
import type { TorEndpoint } from '../../tor/control/endpoint.js';
import { dialOnion } from '../../tor/dial/dial-onion.js';
import type { Settings } from '../settings.js';

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
 * The key for an address that may be private: the one that the call was given, or that of the
 * invitation.
 *
 * @throws OnionferryError ERR_KEY if it was given for another address
 */
export function keyFor(
  onion: OnionAddress,
  { clientKey }: Pick<Settings, 'clientKey'>,
  invited?: ClientKey,
): ClientKey | undefined {
  if (clientKey?.onion !== undefined && clientKey.onion !== onion) {
    throw new OnionferryError('ERR_KEY', 'the client key is for another address');
  }
  return clientKey?.key ?? invited;
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
  readonly #isPrivate: boolean;
  readonly #ending = new AbortController();

  /** @param clientKey which tor can be given only when it has started: nothing is dialled before */
  constructor(onion: OnionAddress, { logger }: Settings, clientKey: ClientKey | undefined) {
    this.#onion = onion;
    this.#isPrivate = clientKey !== undefined;
    this.#logger = logger;
  }

  /** To be called when tor takes dials, at most once. Whatever fails, fails again where it matters. */
  begin(socks: TorEndpoint): void {
    if (this.#isPrivate) return;
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
