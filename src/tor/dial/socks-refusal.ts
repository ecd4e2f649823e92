import { type ErrorCode, OnionferryError } from '../../base/errors.js';

/**
 * What each reply of tor's SOCKS port means for a dial of an onion: RFC 1928 section 6, and from F0
 * on tor's extended errors (socks-extensions, proposal 304).
 */
const REASONS: Readonly<Record<number, readonly [ErrorCode, string]>> = {
  0x01: [
    'ERR_ONION_UNREACHABLE',
    'the onion service is online, but the program behind it is not: start it again on the other side',
  ],
  0x02: [
    'ERR_TOR_SOCKS',
    'tor is configured not to connect to onion services: check its SocksPort and SocksPolicy',
  ],
  0x03: [
    'ERR_ONION_UNREACHABLE',
    'tor cannot connect to its network: check the connection to the internet and try again',
  ],
  0x04: [
    'ERR_ONION_UNREACHABLE',
    'the onion service cannot be reached: check that the other side is running, and try again',
  ],
  0x05: [
    'ERR_ONION_UNREACHABLE',
    'the onion service has nothing on this port: it is not onionferry, or another version of it',
  ],
  0x06: ['ERR_TIMEOUT', 'the connection to the onion service took tor too long: try again'],
  0xf0: [
    'ERR_ONION_NOT_FOUND',
    'there is no such onion service at present: check the address, and that the other side is running and online',
  ],
  0xf1: [
    'ERR_ONION_UNREACHABLE',
    'the descriptor of this onion service cannot be read: restart onionferry on the other side',
  ],
  0xf2: [
    'ERR_ONION_UNREACHABLE',
    'the onion service was online but no longer answers: check that the other side is still running',
  ],
  0xf3: [
    'ERR_ONION_UNREACHABLE',
    'the onion service did not come to the rendezvous point in time: try again',
  ],
  0xf4: [
    'ERR_ONION_CLIENT_AUTH',
    'the onion service admits only clients with a key: ask the other side for one',
  ],
  0xf5: [
    'ERR_ONION_CLIENT_AUTH',
    'the onion service does not accept this key: ask the other side for a new one',
  ],
  0xf6: [
    'ERR_ONION_ADDRESS',
    'tor finds the onion address invalid: check that it was copied in full',
  ],
  0xf7: [
    'ERR_ONION_UNREACHABLE',
    "none of the onion service's introduction points answers: check that the other side is still online, and try again",
  ],
};

/** Codes after which the same dial may succeed a little later. */
const TEMPORARY: ReadonlySet<number> = new Set([0x03, 0x04, 0x06, 0xf0, 0xf1, 0xf2, 0xf3, 0xf7]);

/** A refusal by tor's SOCKS port; `reply` is the code on the wire. */
export class SocksRefusal extends OnionferryError {
  override readonly name = 'SocksRefusal';
  readonly reply: number;

  constructor(reply: number, options?: { cause?: unknown }) {
    const [code, message] = REASONS[reply] ?? [
      'ERR_TOR_SOCKS',
      `tor refuses the connection with the unknown code ${reply.toString(16).padStart(2, '0').toUpperCase()}`,
    ];
    super(code, message, options);
    this.reply = reply;
  }

  /** Whether waiting helps: the service may be starting, or the network may recover. */
  get isTemporary(): boolean {
    return TEMPORARY.has(this.reply);
  }
}
