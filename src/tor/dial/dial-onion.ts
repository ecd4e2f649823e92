import type { Socket } from 'node:net';
import { SocksClient } from 'socks';
import { deadline } from '../../base/deadline.js';
import { OnionferryError } from '../../base/errors.js';
import type { OnionAddress } from '../../onion/address.js';
import { connectEndpoint, formatTorEndpoint, type TorEndpoint } from '../control/endpoint.js';
import { SocksHandshake } from './socks-handshake.js';
import { SocksRefusal } from './socks-refusal.js';

/**
 * Longer than the 47 s after which tor gives up a service that has vanished and says why. For a
 * service that is frozen tor never answers at all.
 */
export const DIAL_DEADLINE_MS = 75_000;
/** RFC 1929: a length of one byte. */
const ISOLATION_BYTES_MAX = 255;
/**
 * tor gives user names with this prefix a meaning (socks-extensions, "extended authentication").
 */
const RESERVED_PREFIX = '<torS0X>';

export interface DialOptions {
  readonly socks: TorEndpoint;
  readonly onion: OnionAddress;
  readonly port: number;
  /** The SOCKS user: connections with different values never share a circuit. */
  readonly isolation: string;
  /**
   * The connection's first bytes: they travel with the dial and save a round trip. If the dial
   * fails, they may have arrived or not.
   */
  readonly first?: Uint8Array | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Default DIAL_DEADLINE_MS. */
  readonly deadlineMs?: number | undefined;
}

/**
 * Connects to an onion service. What the service sends is kept until it is read.
 *
 * @throws SocksRefusal (an OnionferryError) with tor's reason; OnionferryError ERR_TIMEOUT past the
 *   deadline, ERR_TOR_SOCKS if tor's SOCKS port cannot be used; the signal's reason
 */
export async function dialOnion(options: DialOptions): Promise<Socket> {
  const { socks, onion, port, deadlineMs = DIAL_DEADLINE_MS } = options;
  const userId = checkIsolation(options.isolation);
  const tooLate = `the onion service did not answer within ${deadlineMs / 1000} seconds: check that the other side is still running, and try again`;
  using limit = deadline(deadlineMs, tooLate, options.signal);
  limit.signal.throwIfAborted();
  const socket = await reachSocksPort(socks, limit.signal);
  const abort = (): void => void socket.destroy();
  limit.signal.addEventListener('abort', abort, { once: true });
  const handshake = new SocksHandshake(socket, options.first);
  try {
    await SocksClient.createConnection({
      command: 'connect',
      existing_socket: handshake,
      // We are connected to the port already; these only have to be well-formed.
      proxy: { host: '127.0.0.1', port: 9050, type: 5, userId, password: '0' },
      destination: { host: onion, port },
      // Its timer cannot be cleared, so it must not fire before ours.
      timeout: deadlineMs + 1_000,
    });
    await handshake.release();
    limit.signal.throwIfAborted();
    return socket;
  } catch (error) {
    socket.destroy();
    limit.signal.throwIfAborted();
    const { refusal } = handshake;
    if (refusal !== undefined) throw new SocksRefusal(refusal, { cause: error });
    throw new OnionferryError(
      'ERR_TOR_SOCKS',
      `tor's SOCKS port at ${formatTorEndpoint(socks)} closed the connection without a reason: check that it is tor, and that it still runs`,
      { cause: error },
    );
  } finally {
    limit.signal.removeEventListener('abort', abort);
  }
}

async function reachSocksPort(socks: TorEndpoint, signal: AbortSignal): Promise<Socket> {
  try {
    return await connectEndpoint(socks, signal);
  } catch (error) {
    signal.throwIfAborted();
    throw new OnionferryError(
      'ERR_TOR_SOCKS',
      `cannot reach tor's SOCKS port at ${formatTorEndpoint(socks)}: check that tor still runs`,
      { cause: error },
    );
  }
}

function checkIsolation(isolation: string): string {
  const length = Buffer.byteLength(isolation);
  if (length === 0 || length > ISOLATION_BYTES_MAX || isolation.startsWith(RESERVED_PREFIX)) {
    throw new OnionferryError(
      'ERR_INTERNAL',
      `an isolation value has 1 to ${String(ISOLATION_BYTES_MAX)} bytes and does not begin with ${RESERVED_PREFIX}`,
    );
  }
  return isolation;
}
