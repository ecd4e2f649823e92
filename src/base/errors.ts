/**
 * What an error means to the person who sees it. The command line maps each kind to one exit
 * status, so a code belongs to exactly one kind.
 */
export type ErrorKind =
  | 'failed'
  | 'usage'
  | 'password'
  | 'tor'
  | 'peer'
  | 'suspended'
  | 'interrupted';

/**
 * What may follow an error:
 *
 * - `relay-away`: the relay, or the way to it, does not answer now; the same request may succeed later
 * - `channel-gone`: the relay answers, but the channel or the attempt in it has ended or is full
 * - `stream-broken`: one connection between the two sides broke; they may reconnect
 * - `tor-lost`: our own tor has ended; a supervised one is started again
 * - `resumable`: this process cannot continue, but a later one may, with what is kept on disk
 * - `peer-ended`: the other side gave it as its own reason to end
 * - `final`: nothing of this kind; the transfer is over
 */
export type Course =
  | 'relay-away'
  | 'channel-gone'
  | 'stream-broken'
  | 'tor-lost'
  | 'resumable'
  | 'peer-ended'
  | 'final';

/** Every code that leaves this library, with its kind and course. Codes are stable: programs match on them. */
const ERRORS = {
  ERR_USAGE: ['usage', 'final'],
  ERR_INVITATION: ['usage', 'final'],
  ERR_INVITATION_IN_ARGV: ['usage', 'final'],
  ERR_PASSWORD_FORM: ['usage', 'final'],
  ERR_PASSWORD_WEAK: ['usage', 'final'],
  ERR_PASSWORD: ['password', 'final'],
  ERR_KEY: ['failed', 'final'],
  ERR_KEY_MISSING: ['failed', 'final'],
  ERR_IDENTITY_BUSY: ['failed', 'final'],
  ERR_TOR_MISSING: ['tor', 'final'],
  ERR_TOR_TOO_OLD: ['tor', 'final'],
  ERR_TOR_INSTALL: ['tor', 'final'],
  ERR_TOR_TRANSPORT: ['tor', 'final'],
  ERR_TOR_START: ['tor', 'resumable'],
  ERR_TOR_BOOTSTRAP: ['tor', 'final'],
  ERR_TOR_DIED: ['tor', 'tor-lost'],
  ERR_TOR_CONTROL: ['tor', 'relay-away'],
  ERR_TOR_PUBLISH: ['tor', 'final'],
  ERR_TOR_SOCKS: ['tor', 'relay-away'],
  ERR_ONION_ADDRESS: ['usage', 'final'],
  ERR_ONION_NOT_FOUND: ['peer', 'relay-away'],
  ERR_ONION_UNREACHABLE: ['peer', 'relay-away'],
  ERR_ONION_CLIENT_AUTH: ['password', 'final'],
  ERR_PAKE: ['failed', 'final'],
  ERR_CURVE: ['usage', 'final'],
  ERR_RELAY: ['failed', 'relay-away'],
  ERR_RELAY_BUSY: ['failed', 'relay-away'],
  ERR_WEB: ['failed', 'final'],
  ERR_CHANNEL_TAKEN: ['failed', 'final'],
  ERR_CHANNEL_MISSING: ['peer', 'channel-gone'],
  ERR_CHANNEL_FULL: ['peer', 'channel-gone'],
  ERR_CHANNEL_CLOSED: ['peer', 'channel-gone'],
  ERR_ATTEMPT_ENDED: ['peer', 'channel-gone'],
  ERR_PEER_GONE: ['peer', 'stream-broken'],
  ERR_TIMEOUT: ['peer', 'relay-away'],
  ERR_PROTOCOL: ['failed', 'final'],
  ERR_STREAM: ['failed', 'stream-broken'],
  ERR_SOURCE: ['failed', 'final'],
  ERR_SOURCE_CHANGED: ['failed', 'final'],
  ERR_DESTINATION: ['failed', 'final'],
  ERR_DISK_FULL: ['failed', 'final'],
  ERR_DATA_DIRECTORY: ['failed', 'final'],
  ERR_CONFLICT: ['failed', 'final'],
  ERR_HOSTILE_NAME: ['failed', 'final'],
  ERR_REFUSED: ['failed', 'final'],
  ERR_UNVERIFIED: ['failed', 'final'],
  ERR_TOO_LARGE: ['failed', 'final'],
  ERR_SUSPENDED: ['suspended', 'resumable'],
  ERR_INTERRUPTED: ['interrupted', 'final'],
  ERR_INTERNAL: ['failed', 'final'],
} as const;

/** A stable name for what went wrong. */
export type ErrorCode = keyof typeof ERRORS;

const MEANINGS: Readonly<Record<ErrorCode, readonly [ErrorKind, Course]>> = ERRORS;

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
    return MEANINGS[this.code][0];
  }

  get course(): Course {
    return MEANINGS[this.code][1];
  }
}

/** A failure that loses nothing: what has arrived is kept, and a later process may resume. */
export class ResumableError extends OnionferryError {
  override get course(): Course {
    return 'resumable';
  }
}

/** Whether `error` is one of ours with one of these codes. */
export function hasCode(error: unknown, ...codes: ErrorCode[]): error is OnionferryError {
  return error instanceof OnionferryError && codes.includes(error.code);
}

/** Whether `error` is one of ours with one of these courses. */
export function hasCourse(error: unknown, ...courses: Course[]): error is OnionferryError {
  return error instanceof OnionferryError && courses.includes(error.course);
}

/** Whether the two sides may reconnect, in this process. */
export function isPassing(error: unknown): error is OnionferryError {
  return hasCourse(error, 'relay-away', 'channel-gone', 'stream-broken');
}

/** Whether a transfer that ended so may be resumed, by this process or a later one. */
export function isResumable(error: unknown): error is OnionferryError {
  return isPassing(error) || hasCourse(error, 'tor-lost', 'resumable');
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
