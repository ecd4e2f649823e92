/**
 * What an error means to the person who sees it. The command line maps each kind to one exit
 * status, so a code belongs to exactly one kind.
 */
export type ErrorKind = 'failed' | 'usage' | 'password' | 'tor' | 'peer' | 'interrupted';

/** Every code that leaves this library. Codes are stable: programs match on them. */
export type ErrorCode =
  | 'ERR_USAGE'
  | 'ERR_INVITATION'
  | 'ERR_INVITATION_IN_ARGV'
  | 'ERR_PASSWORD_FORM'
  | 'ERR_PASSWORD'
  | 'ERR_KEY'
  | 'ERR_KEY_MISSING'
  | 'ERR_IDENTITY_BUSY'
  | 'ERR_TOR_MISSING'
  | 'ERR_TOR_TOO_OLD'
  | 'ERR_TOR_INSTALL'
  | 'ERR_TOR_START'
  | 'ERR_TOR_BOOTSTRAP'
  | 'ERR_TOR_DIED'
  | 'ERR_TOR_CONTROL'
  | 'ERR_TOR_PUBLISH'
  | 'ERR_TOR_SOCKS'
  | 'ERR_ONION_ADDRESS'
  | 'ERR_ONION_NOT_FOUND'
  | 'ERR_ONION_UNREACHABLE'
  | 'ERR_ONION_CLIENT_AUTH'
  | 'ERR_PAKE'
  | 'ERR_CURVE'
  | 'ERR_RELAY'
  | 'ERR_RELAY_BUSY'
  | 'ERR_WEB'
  | 'ERR_CHANNEL_TAKEN'
  | 'ERR_CHANNEL_MISSING'
  | 'ERR_CHANNEL_FULL'
  | 'ERR_CHANNEL_CLOSED'
  | 'ERR_ATTEMPT_ENDED'
  | 'ERR_PEER_GONE'
  | 'ERR_TIMEOUT'
  | 'ERR_PROTOCOL'
  | 'ERR_STREAM'
  | 'ERR_SOURCE'
  | 'ERR_SOURCE_CHANGED'
  | 'ERR_DESTINATION'
  | 'ERR_CONFLICT'
  | 'ERR_HOSTILE_NAME'
  | 'ERR_REFUSED'
  | 'ERR_INTERRUPTED'
  | 'ERR_INTERNAL';

const ERROR_KINDS: Readonly<Record<ErrorCode, ErrorKind>> = {
  ERR_USAGE: 'usage',
  ERR_INVITATION: 'usage',
  ERR_INVITATION_IN_ARGV: 'usage',
  ERR_PASSWORD_FORM: 'usage',
  ERR_PASSWORD: 'password',
  ERR_KEY: 'failed',
  ERR_KEY_MISSING: 'failed',
  ERR_IDENTITY_BUSY: 'failed',
  ERR_TOR_MISSING: 'tor',
  ERR_TOR_TOO_OLD: 'tor',
  ERR_TOR_INSTALL: 'tor',
  ERR_TOR_START: 'tor',
  ERR_TOR_BOOTSTRAP: 'tor',
  ERR_TOR_DIED: 'tor',
  ERR_TOR_CONTROL: 'tor',
  ERR_TOR_PUBLISH: 'tor',
  ERR_TOR_SOCKS: 'tor',
  ERR_ONION_ADDRESS: 'usage',
  ERR_ONION_NOT_FOUND: 'peer',
  ERR_ONION_UNREACHABLE: 'peer',
  ERR_ONION_CLIENT_AUTH: 'password',
  ERR_PAKE: 'failed',
  ERR_CURVE: 'usage',
  ERR_RELAY: 'failed',
  ERR_RELAY_BUSY: 'failed',
  ERR_WEB: 'failed',
  ERR_CHANNEL_TAKEN: 'failed',
  ERR_CHANNEL_MISSING: 'peer',
  ERR_CHANNEL_FULL: 'peer',
  ERR_CHANNEL_CLOSED: 'peer',
  ERR_ATTEMPT_ENDED: 'peer',
  ERR_PEER_GONE: 'peer',
  ERR_TIMEOUT: 'peer',
  ERR_PROTOCOL: 'failed',
  ERR_STREAM: 'failed',
  ERR_SOURCE: 'failed',
  ERR_SOURCE_CHANGED: 'failed',
  ERR_DESTINATION: 'failed',
  ERR_CONFLICT: 'failed',
  ERR_HOSTILE_NAME: 'failed',
  ERR_REFUSED: 'failed',
  ERR_INTERRUPTED: 'interrupted',
  ERR_INTERNAL: 'failed',
};

/**
 * The one base of all errors that this library throws on purpose.
 *
 * `message` is a sentence that a user can act on and never holds a secret; `cause` keeps what was
 * caught. Anything else that escapes is a defect.
 */
export class OnionferryError extends Error {
  override readonly name: string = 'OnionferryError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  get kind(): ErrorKind {
    return ERROR_KINDS[this.code];
  }
}

/** Whether `error` is one of ours with this code. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is OnionferryError {
  return error instanceof OnionferryError && codes.includes(error.code);
}

/** `error` if it is one of ours; otherwise one with `code` and `message` that keeps it as cause. */
export function asOnionferryError(
  error: unknown,
  code: ErrorCode,
  message: string,
): OnionferryError {
  return error instanceof OnionferryError
    ? error
    : new OnionferryError(code, message, { cause: error });
}
