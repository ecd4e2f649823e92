import type { Writable } from 'node:stream';
import { OnionferryError } from '../base/errors.js';
import { type Logger, silentLogger } from '../base/logger.js';
import type { Conflict } from '../disk/commit.js';
import { isHarmless, localName } from '../disk/names/local-name.js';
import type { ExclusionRules } from '../disk/tree/exclusion.js';
import { type OnionAddress, parseOnionAddress } from '../onion/address.js';
import type { Middleware } from '../onion-http/handlers.js';
import type { Kinds } from '../pages/inbox/kinds.js';
import { CURVE_NAMES, type CurveName, isCurveName } from '../pake/curves/curve-name.js';
import { TokenBucket } from '../stream/token-bucket.js';
import type { StartTorOptions, Tor } from '../tor/instance/tor.js';
import type { TorProgram } from '../tor/program/tor-program.js';
import { defaultDataDir } from './default-data-dir.js';
import type { OfferEvent } from './events.js';

/** For the command line, which uses nothing below this room. */
export {
  findInvitation,
  looksLikeInvitation,
  parseInvitation,
  readInvitation,
} from '../pake/invitation.js';
export { parsePassword } from '../pake/password.js';
export { CURVE_NAMES, type CurveName, defaultDataDir, parseOnionAddress };

export const CONFLICTS: readonly Conflict[] = ['rename', 'overwrite', 'skip', 'fail'];
/** Parallel streams that a user may ask for. The network is shared: more would take from others. */
export const CIRCUITS_MAX = 32;
/** Downloads that a user may limit a share to. */
export const DOWNLOADS_MAX = 1_000_000;
/** In bytes per second: a piece of 256 KiB then takes as long as a silent side is waited for. */
const THROTTLE_MIN = 10_000;
/** The longest time that setTimeout can wait, 24.8 days. */
const EXPIRY_MAX_MS = 2 ** 31 - 1;
/** Basic auth ends the user name at the colon (RFC 7617, section 2); browsers ask for one line. */
const USER = /^[^:\p{Cc}]{1,64}$/u;
/** The end of a file name, with or without the leading dot. */
const KIND = /^\.?[^\s./\\\p{Cc}]+(?:\.[^\s./\\\p{Cc}]+)*$/u;

/** A tor that several calls use at once: `withTor({ shared })`. Close it when they have ended. */
export interface SharedTor extends AsyncDisposable {
  readonly version: string;
  /** Ends it, or detaches from one that ran before. Calls that still use it fail. */
  close(): Promise<void>;
}

/** Which tor to use. */
export interface TorSettings {
  /** A tor program to start instead of the one that is found or installed. */
  readonly program?: string;
  /** Lines for the torrc of the tor that is started: bridges, a private network. */
  readonly torrc?: string;
  /** A running tor to use instead of starting one. */
  readonly running?: { readonly control: string; readonly socks: string };
  /** One that `openTor()` has opened, to use instead, together with other calls. */
  readonly shared?: SharedTor;
}

/** What a call that takes a tor over wants to hear of it. */
export type TorListener = Pick<
  StartTorOptions,
  'onBootstrap' | 'onAway' | 'onDialable' | 'logger' | 'signal'
>;

/** Limits of an inbox, in bytes. Without them, the free space on disk is the limit. */
export interface InboxBounds {
  readonly bytesPerFile?: number;
  readonly bytesPerUpload?: number;
  /** Until the inbox ends. */
  readonly bytesTotal?: number;
  /** Left free on the disk; 256 MiB unless set. */
  readonly freeBytesKept?: number;
}

/** What the options of one call have set. Only options write it. */
export interface Settings {
  dataDir: string;
  identity: { kind: 'kept'; name: string } | { kind: 'ephemeral' };
  tor: TorSettings;
  /** A tor program that this process has found before. */
  foundTor: TorProgram | undefined;
  /** One that was started before; `take` resolves to nothing if that was not possible. */
  torAhead: { take(listener: TorListener): Promise<Tor | undefined> } | undefined;
  /** Somebody else's relay. */
  relay: { onion: OnionAddress; password: string } | undefined;
  /** Transfers parse it into words; pages and `relay` take it as it is. */
  password: string | undefined;
  /** For Basic auth of pages. */
  user: string;
  /** undefined: that of the invitation, or the default. */
  curve: CurveName | undefined;
  signal: AbortSignal | undefined;
  logger: Logger;
  expiryMs: number | undefined;
  /** Number of downloads after which `share` ends. */
  downloadLimit: number | undefined;
  /** Content-Security-Policy of a site; undefined: a strict one. */
  policy: string | undefined;
  inboxBounds: InboxBounds;
  /** undefined: files of every kind. */
  kinds: Kinds | undefined;
  /** For `share`, `inbox`, `site`, `serve` and `relay`. */
  middleware: readonly Middleware[];
  keep: boolean;
  browserLink: boolean;
  /** What `send` and `share` leave out on request. */
  exclude: ExclusionRules | undefined;
  /** `send` leaves out what cannot be read. */
  skipUnreadable: boolean;
  /** `send` takes files that grow as long as they were. */
  mayGrow: boolean;
  /** `send` takes extended attributes along, `receive` sets them. */
  xattrs: boolean;
  /** Patterns of what `receive` takes; empty: everything. */
  only: readonly string[];
  output: { kind: 'folder'; directory: string } | { kind: 'stream'; stream: Writable };
  /** The name of the single file or folder that `receive` takes; undefined: the sender's. */
  outputName: string | undefined;
  /** Bounds the rate of a transfer. */
  throttle: TokenBucket | undefined;
  conflict: Conflict;
  accept: Accept;
  /** Asked after a wrong password; undefined gives up. */
  anotherPassword: AnotherPassword | undefined;
  /** undefined: the transfer decides. */
  circuits: number | undefined;
  /** How long a side that answers may leave its part of a transfer undone; undefined: see there. */
  stallMaxMs: number | undefined;
}

/** Sets something for one call; made and checked by a function named `with…`. */
export type Option = (settings: Settings) => void;

/** Applies options in order, over the defaults. */
export function applyOptions(options: readonly Option[]): Settings {
  const settings: Settings = {
    dataDir: '',
    identity: { kind: 'kept', name: 'default' },
    tor: {},
    foundTor: undefined,
    torAhead: undefined,
    relay: undefined,
    password: undefined,
    user: 'ferry',
    curve: undefined,
    signal: undefined,
    logger: silentLogger,
    expiryMs: undefined,
    downloadLimit: undefined,
    policy: undefined,
    inboxBounds: {},
    kinds: undefined,
    middleware: [],
    keep: false,
    browserLink: false,
    exclude: undefined,
    skipUnreadable: false,
    mayGrow: false,
    xattrs: false,
    only: [],
    output: { kind: 'folder', directory: '.' },
    outputName: undefined,
    throttle: undefined,
    conflict: 'rename',
    accept: acceptAll,
    anotherPassword: undefined,
    circuits: undefined,
    stallMaxMs: undefined,
  };
  for (const option of options) option(settings);
  // Asked for last: a user without a home names another place.
  if (settings.dataDir === '') settings.dataDir = defaultDataDir();
  return settings;
}

/** Keeps identities, Tor's state and an installed tor in `directory`. */
export function withDataDir(directory: string): Option {
  return set({ dataDir: assertGiven(directory, 'the data directory') });
}

/** Uses the onion identity kept as `name` (otherwise "default"), and creates it if it is missing. */
export function withIdentity(name: string): Option {
  return set({ identity: { kind: 'kept', name } });
}

/** Uses a new onion address for this call only, so that nothing links it to another call. */
export function withEphemeral(): Option {
  return set({ identity: { kind: 'ephemeral' } });
}

export function withTor(tor: TorSettings): Option {
  if (tor.program !== undefined) assertGiven(tor.program, 'the tor program');
  return (settings) => {
    settings.tor = { ...settings.tor, ...tor };
  };
}

/**
 * Uses somebody else's relay: `send` meets recipients there, `receive` takes it for the sender's.
 *
 * @param password of the relay, for Basic auth
 */
export function withRelay(onion: string, password: string): Option {
  const address = parseOnionAddress(onion);
  if (password === '') throw usageError('the relay password must not be empty');
  return set({ relay: { onion: address, password } });
}

/** Without it a password is generated, or comes with the invitation (`receive`). */
export function withPassword(password: string): Option {
  // Otherwise pages would open to anyone who leaves the field empty.
  if (password === '') throw usageError('the password must not be empty');
  return set({ password });
}

/** @throws OnionferryError ERR_CURVE */
export function withCurve(curve: CurveName): Option {
  if (!isCurveName(curve)) {
    throw new OnionferryError('ERR_CURVE', `the curve must be one of ${CURVE_NAMES.join(', ')}`);
  }
  return set({ curve });
}

/** Aborting it ends the call as `close()` does. */
export function withSignal(signal: AbortSignal): Option {
  return set({ signal });
}

export function withLogger(logger: Logger): Option {
  return set({ logger });
}

/**
 * Ends the call after `ms` online; transfers and downloads that are running finish. `send` and
 * `share` fail with ERR_TIMEOUT if nothing was taken until then.
 */
export function withExpiry(ms: number): Option {
  if (!(ms > 0 && ms <= EXPIRY_MAX_MS)) throw usageError('the expiry must be at most 24 days');
  return set({ expiryMs: ms });
}

/** `send` serves any number of recipients, side by side, until it is closed or expires. */
export function withKeep(): Option {
  return set({ keep: true });
}

/**
 * The event `online` of `send` also has a `link`: the invitation with the login, which opens the
 * receiving page in Tor Browser without a question. Browsers may keep it in their history.
 */
export function withBrowserLink(): Option {
  return set({ browserLink: true });
}

/**
 * `send` and `share` leave out what matches, such as `*.tmp` or `photos/raw/`: patterns in the form
 * of `.gitignore`, for paths that begin with the name of what is sent. Repeated options add up.
 */
export function withExclude(...patterns: readonly string[]): Option {
  assertPatterns(patterns);
  return (settings) => {
    const { patterns: before = [], gitIgnore = false } = settings.exclude ?? {};
    settings.exclude = { patterns: [...before, ...patterns], gitIgnore };
  };
}

/**
 * `send` and `share` leave out `.git` and what `.gitignore` files and `.git/info/exclude` name,
 * tracked or not; also of the folders above, up to the top of the working tree.
 */
export function withGitIgnore(): Option {
  return (settings) => {
    settings.exclude = { patterns: settings.exclude?.patterns ?? [], gitIgnore: true };
  };
}

/**
 * `send` leaves out what cannot be read, and tells both sides, instead of failing with ERR_SOURCE.
 */
export function withSkipUnreadable(): Option {
  return set({ skipUnreadable: true });
}

/**
 * `send` takes files that grow, such as logs, as long as they are when it begins, and `share` as long
 * as they are when their download begins. Only the length is
 * watched then: a file that others rewrite instead of appending to it may arrive mixed.
 */
export function withGrowing(): Option {
  return set({ mayGrow: true });
}

/**
 * `send` takes along extended attributes of the namespace `user` (Linux), and `receive` sets those
 * that came along.
 */
export function withXattrs(): Option {
  return set({ xattrs: true });
}

/**
 * `receive` fetches only what matches: patterns in the form of `.gitignore`, such as `*.pdf` or
 * `photos/2024/`. Repeated options add up.
 */
export function withOnly(...patterns: readonly string[]): Option {
  assertPatterns(patterns);
  return (settings) => {
    settings.only = [...settings.only, ...patterns];
  };
}

/** `receive` writes into `directory`, which is created if it is missing. */
export function withOutput(directory: string): Option {
  assertGiven(directory, 'the output folder');
  return set({ output: { kind: 'folder', directory } });
}

/** `receive` gives the single file or folder that is offered this name, and refuses several. */
export function withOutputName(name: string): Option {
  if (!isHarmless(name, process.platform) || localName(name, process.platform) !== name) {
    throw usageError('the name for what is received must be that of a file, without a folder');
  }
  return set({ outputName: name });
}

/** `receive` writes the only file of a transfer to `stream`, and leaves the stream open. */
export function withOutputStream(stream: Writable): Option {
  return set({ output: { kind: 'stream', stream } });
}

/** What `receive` does when a name exists already. */
export function withConflict(conflict: Conflict): Option {
  if (!CONFLICTS.includes(conflict)) {
    throw usageError(`the conflict rule must be one of ${CONFLICTS.join(', ')}`);
  }
  return set({ conflict });
}

const acceptAll = (): boolean => true;

/** Whether a recipient takes all of whatever is offered, so that nobody has to look at it first. */
export function agreesBeforehand({ accept, only }: Settings): boolean {
  return accept === acceptAll && only.length === 0;
}

/**
 * Decides on an offer.
 *
 * @param signal aborts when the answer is of no more use, because the sender does not offer it any
 *   longer
 */
export type Accept = (offer: OfferEvent, signal: AbortSignal) => boolean | Promise<boolean>;

/** Called before anything is written; without it every offer is accepted. */
export function withAccept(accept: Accept): Option {
  return set({ accept });
}

/** @returns a password to try instead, or undefined to give up */
export type AnotherPassword = (signal: AbortSignal) => Promise<string | undefined>;

/**
 * Asks for another password when `receive` was given a wrong one, instead of failing with
 * ERR_PASSWORD. Each answer is one more guess, and senders let few be made.
 */
export function withAnotherPassword(ask: AnotherPassword): Option {
  return set({ anotherPassword: ask });
}

/**
 * How long a transfer waits for another side that answers, but sends nothing or takes nothing. Then
 * it fails with ERR_PEER_GONE, and can be resumed. 10 minutes unless set, and without a limit for
 * content of unknown length, whose source may have nothing to say.
 */
export function withStallLimit(ms: number): Option {
  if (!(ms > 0 && ms <= EXPIRY_MAX_MS)) throw usageError('the stall limit must be at most 24 days');
  return set({ stallMaxMs: ms });
}

/** `send` sends, and `receive` takes, no more than these bytes a second, over all circuits together. */
export function withThrottle(bytesPerSecond: number): Option {
  if (!(bytesPerSecond >= THROTTLE_MIN && Number.isSafeInteger(bytesPerSecond))) {
    throw usageError('the rate must be at least 10kB a second');
  }
  return (settings) => {
    settings.throttle = new TokenBucket(bytesPerSecond);
  };
}

/** Parallel streams; without it the transfer decides. */
export function withCircuits(circuits: number): Option {
  return set({ circuits: checkCount(circuits, 'the number of circuits', CIRCUITS_MAX) });
}

/** The user name that pages ask for besides the password; "ferry" unless set. */
export function withUser(user: string): Option {
  if (!USER.test(user))
    throw usageError('the user name must be 1 to 64 characters without a colon');
  return set({ user });
}

/** `share` ends after this many downloads, counted by what was delivered. */
export function withDownloadLimit(downloads: number): Option {
  return set({ downloadLimit: checkCount(downloads, 'the download limit', DOWNLOADS_MAX) });
}

export function withInboxBounds(bounds: InboxBounds): Option {
  if (Object.values(bounds).some((bytes: unknown) => !(typeof bytes === 'number' && bytes >= 0))) {
    throw usageError('the limits of an inbox must be numbers of bytes');
  }
  return (settings) => {
    settings.inboxBounds = { ...settings.inboxBounds, ...bounds };
  };
}

/** Which files an inbox takes, by the end of their names, such as `pdf` or `tar.gz`. */
export function withKinds(kinds: Kinds): Option {
  const ends = 'accept' in kinds ? kinds.accept : kinds.deny;
  if (ends.length === 0 || !ends.every((end) => KIND.test(end))) {
    throw usageError('kinds of files must be ends of names, such as pdf or tar.gz');
  }
  return set({ kinds });
}

/** The Content-Security-Policy of a site. The default lets pages load nothing from elsewhere. */
export function withPolicy(policy: string): Option {
  if (!/^[\x20-\x7e]+$/.test(policy)) throw usageError('the policy must be one line of plain text');
  return set({ policy });
}

/**
 * Puts Express handlers behind the access check, in front of everything that `share`, `inbox`,
 * `site`, `serve` and `relay` answer: rate limits, access logs, headers. Repeated options add up.
 *
 * An error passed to `next` ends the request: with `status` 429 as "busy", with another 4xx as a bad
 * request, otherwise as an internal error, which is logged and not shown. On a relay refuse with
 * such errors, which its clients understand. A relay's streams and WebSockets pass no middleware.
 */
export function withMiddleware(...handlers: readonly Middleware[]): Option {
  if (!handlers.every((handler: unknown) => typeof handler === 'function')) {
    throw usageError('middleware must be functions');
  }
  return (settings) => {
    settings.middleware = [...settings.middleware, ...handlers];
  };
}

/** For wrong options and arguments. */
export function usageError(message: string, options?: { cause: unknown }): OnionferryError {
  return new OnionferryError('ERR_USAGE', message, options);
}

function assertPatterns(patterns: readonly string[]): void {
  if (patterns.length > 0 && patterns.every((pattern) => pattern.trim() !== '')) return;
  throw usageError('a pattern must not be empty');
}

/** The system would take an empty path for the current folder. */
export function assertGiven(path: string, what: string): string {
  if (path === '') throw usageError(`${what} must not be empty`);
  return path;
}

function set(changes: Partial<Settings>): Option {
  return (settings) => {
    Object.assign(settings, changes);
  };
}

function checkCount(count: number, what: string, max: number): number {
  if (Number.isInteger(count) && count >= 1 && count <= max) return count;
  throw usageError(`${what} must be a whole number from 1 to ${max}`);
}
