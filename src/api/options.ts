import type { Writable } from 'node:stream';
import { OnionferryError } from '../base/errors.js';
import { type Logger, silentLogger } from '../base/logger.js';
import type { Conflict } from '../disk/commit.js';
import type { ExclusionRules } from '../disk/tree/exclusion.js';
import { type OnionAddress, parseOnionAddress } from '../onion/address.js';
import { type ClientKeyFile, parseClientKeyFile } from '../onion/client-key.js';
import type { Middleware } from '../onion-http/middleware.js';
import type { Kinds } from '../pages/inbox/kinds.js';
import type { CheckCommand } from '../pages/inbox/upload-check.js';
import { CURVE_NAMES, type CurveName, isCurveName } from '../pake/curves/curve-name.js';
import { TokenBucket } from '../stream/token-bucket.js';
import type { StartTorOptions, Tor } from '../tor/instance/tor.js';
import type { TorProgram } from '../tor/program/tor-program.js';
import { defaultDataDir } from './default-data-dir.js';
import type { OfferEvent } from './events.js';
import {
  assertFunctions,
  assertGiven,
  assertHas,
  assertKnown,
  checkCount,
  usageError,
} from './option-values.js';
import { bridgesIn, type ReachSettings, reachOf } from './reach-of.js';

/** For the command line, which uses nothing below this room. */
export {
  findInvitation,
  looksLikeInvitation,
  parseInvitation,
  readInvitation,
} from '../pake/invitation.js';
export { parsePassword } from '../pake/password.js';
export {
  assertGiven,
  bridgesIn,
  CURVE_NAMES,
  type CurveName,
  defaultDataDir,
  parseOnionAddress,
  usageError,
};

export const CONFLICTS: readonly Conflict[] = ['rename', 'overwrite', 'skip', 'fail'];
/** Parallel streams that a user may ask for. The network is shared: more would take from others. */
export const CIRCUITS_MAX = 32;
/** In bytes per second: a piece of 256 KiB then takes as long as a silent side is waited for. */
const THROTTLE_MIN = 10_000;
/** The longest time that setTimeout can wait, 24.8 days. */
const EXPIRY_MAX_MS = 2 ** 31 - 1;
/** A tor that several calls use at once: `withTor({ shared })`. Close it when they have ended. */
export interface SharedTor extends AsyncDisposable {
  readonly version: string;
  /** Ends it, or detaches from one that ran before. Calls that still use it fail. */
  close(): Promise<void>;
}

/** Which tor to use. */
export interface TorSettings extends ReachSettings {
  /** A tor program to start instead of the one that is found or installed. */
  readonly program?: string;
  /** Lines for the torrc of the tor that is started, such as those of a private network. */
  readonly torrc?: string;
  /** A running tor to use instead of starting one. */
  readonly running?: {
    /** `/path`, `unix:/path`, `host:port`, or `auto` for the first that lets us in. */
    readonly control: string;
    /** Default: what that tor says. */
    readonly socks?: string | undefined;
    /** Of its control port. */
    readonly password?: string | undefined;
  };
  /** One that `openTor()` has opened, to use instead, together with other calls. */
  readonly shared?: SharedTor;
}

const TOR_SETTINGS: readonly (keyof TorSettings)[] = [
  'program',
  'torrc',
  'running',
  'shared',
  'bridges',
  'proxy',
  'firewall',
];

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
  /** That may lie in the folder at once, whoever has put it there. */
  readonly bytesKept?: number;
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
  /** Whether it may be one that others guess soon. */
  allowsWeakPassword: boolean;
  /** For Basic auth of pages. */
  user: string;
  /** undefined: that of the invitation, or the default. */
  curve: CurveName | undefined;
  signal: AbortSignal | undefined;
  logger: Logger;
  expiryMs: number | undefined;
  /** When it aborts, a service lets nobody in any more and ends after who is being served. */
  drain: AbortSignal | undefined;
  /** Number of downloads after which `share` ends. */
  downloadLimit: number | undefined;
  /** Content-Security-Policy of a site; undefined: a strict one. */
  policy: string | undefined;
  inboxBounds: InboxBounds;
  /** undefined: files of every kind. */
  kinds: Kinds | undefined;
  /** age recipients that an inbox encrypts to; undefined: files are saved as they came. */
  encryptTo: readonly string[] | undefined;
  /** Looks at each upload before it gets its name. */
  uploadCheck: CheckCommand | undefined;
  /** How long received files stay; undefined: for ever. */
  purgeAfterMs: number | undefined;
  /** Whether an inbox tells names and hashes of files. */
  tellsNames: boolean;
  /** For `share`, `inbox`, `site`, `serve` and `relay`. */
  middleware: readonly Middleware[];
  keep: boolean;
  browserLink: boolean;
  /** Only clients with a key reach the address. */
  isPrivate: boolean;
  /** The key for somebody else's private address. */
  clientKey: ClientKeyFile | undefined;
  /** Pages fetch and send over this address alone. */
  singleAddress: boolean;
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
  /** Asked whether the other side shows the same phrase; undefined: nobody compares. */
  verify: Verify | undefined;
  /** Asked after a wrong password; undefined gives up. */
  anotherPassword: AnotherPassword | undefined;
  /** undefined: the transfer decides. */
  circuits: number | undefined;
  /** How long a side that answers may leave its part of a transfer undone; undefined: see there. */
  stallMaxMs: number | undefined;
}

/** What options can be given to. `identities` stands for the functions around stored keys. */
export type Verb =
  | 'send'
  | 'receive'
  | 'resumeSend'
  | 'resumeReceive'
  | 'share'
  | 'inbox'
  | 'site'
  | 'serve'
  | 'relay'
  | 'demo'
  | 'doctor'
  | 'installTor'
  | 'openTor'
  | 'identities';

/**
 * Sets something for one call; made and checked by a function named `with…`.
 *
 * @typeParam Of - the calls to which it means something. The others take it neither in TypeScript
 *   nor at run time (ERR_USAGE).
 */
export interface Option<in Of extends Verb = Verb> {
  /** @internal */
  (settings: Settings): void;
  /** @internal Never there: tells the compiler what `Of` is for. */
  readonly of?: (verb: Of) => void;
}

/** An option of whichever calls. */
export type AnyOption = Option<never>;

/** What serves pages or an application. */
export type PageVerb = 'share' | 'inbox' | 'site' | 'serve';
/** What serves until it is ended. */
export type ServiceVerb = PageVerb | 'relay';
/** The recipient's side of a transfer. */
export type ReceivingVerb = 'receive' | 'resumeReceive';
/** What transfers files between two programs. */
export type TransferVerb = 'send' | 'resumeSend' | ReceivingVerb | 'share';
/** What uses a tor. */
export type TorVerb = TransferVerb | ServiceVerb | 'demo' | 'doctor' | 'openTor';
/** What takes time, and can be aborted. */
export type RunningVerb = TorVerb | 'installTor';

/** Applies options in order, over the defaults. */
export function applyOptions(options: readonly AnyOption[]): Settings {
  const settings: Settings = {
    dataDir: '',
    identity: { kind: 'kept', name: 'default' },
    tor: {},
    foundTor: undefined,
    torAhead: undefined,
    relay: undefined,
    password: undefined,
    allowsWeakPassword: false,
    user: 'ferry',
    curve: undefined,
    signal: undefined,
    logger: silentLogger,
    expiryMs: undefined,
    drain: undefined,
    downloadLimit: undefined,
    policy: undefined,
    inboxBounds: {},
    kinds: undefined,
    encryptTo: undefined,
    uploadCheck: undefined,
    purgeAfterMs: undefined,
    tellsNames: true,
    middleware: [],
    keep: false,
    browserLink: false,
    isPrivate: false,
    clientKey: undefined,
    singleAddress: false,
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
    verify: undefined,
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
export function withIdentity(name: string): Option<'send' | ServiceVerb | 'identities'> {
  return set({ identity: { kind: 'kept', name: assertGiven(name, 'the name of the identity') } });
}

/** Uses a new onion address for this call only, so that nothing links it to another call. */
export function withEphemeral(): Option<'send' | ServiceVerb | 'identities'> {
  return set({ identity: { kind: 'ephemeral' } });
}

/**
 * Which tor to use: a program or lines for its torrc, a running one, or one that calls share. Without
 * it a tor is found or installed, and started.
 *
 * @throws OnionferryError ERR_USAGE
 */
export function withTor(tor: TorSettings): Option<TorVerb> {
  assertKnown(tor, TOR_SETTINGS, 'withTor()');
  if (tor.program !== undefined) assertGiven(tor.program, 'the tor program');
  reachOf(tor);
  return (settings) => {
    settings.tor = { ...settings.tor, ...tor };
  };
}

/**
 * Uses somebody else's relay: `send` meets recipients there, `receive` takes it for the sender's.
 *
 * @param password of the relay, for Basic auth
 */
export function withRelay(onion: string, password: string): Option<'send' | 'receive'> {
  const address = parseOnionAddress(assertGiven(onion, 'the address of the relay'));
  assertGiven(password, 'the relay password');
  return set({ relay: { onion: address, password } });
}

/** Without it a password is generated, or comes with the invitation (`receive`). */
export function withPassword(password: string): Option<'send' | 'receive' | ServiceVerb> {
  // Otherwise pages would open to anyone who leaves the field empty.
  return set({ password: assertGiven(password, 'the password') });
}

/** Takes a password that would be refused as too easy to guess (ERR_PASSWORD_WEAK). */
export function withWeakPassword(): Option<'send' | ServiceVerb> {
  return set({ allowsWeakPassword: true });
}

/** @throws OnionferryError ERR_CURVE */
export function withCurve(curve: CurveName): Option<'send' | 'receive' | 'share'> {
  if (!isCurveName(curve)) {
    throw new OnionferryError('ERR_CURVE', `the curve must be one of ${CURVE_NAMES.join(', ')}`);
  }
  return set({ curve });
}

/** Aborting it ends the call as `close()` does. */
export function withSignal(signal: AbortSignal): Option<RunningVerb> {
  if (!(signal instanceof AbortSignal)) throw usageError('the signal must be an AbortSignal');
  return set({ signal });
}

/** Tells `logger` what happens inside; without it nobody is told. No secret is ever passed to it. */
export function withLogger(logger: Logger): Option {
  assertHas(logger, ['debug', 'warn'], 'a logger must have the methods debug and warn');
  return set({ logger });
}

/**
 * Ends the call after `ms` online; transfers and downloads that are running finish. `send` and
 * `share` fail with ERR_TIMEOUT if nothing was taken until then.
 */
export function withExpiry(ms: number): Option<'send' | ServiceVerb> {
  if (!(ms > 0 && ms <= EXPIRY_MAX_MS)) throw usageError('the expiry must be at most 24 days');
  return set({ expiryMs: ms });
}

/** `send` serves any number of recipients, side by side, until it is closed or expires. */
export function withKeep(): Option<'send'> {
  return set({ keep: true });
}

/**
 * The event `online` of `send` also has a `link`: the invitation with the login, which opens the
 * receiving page in Tor Browser without a question. Browsers may keep it in their history.
 */
export function withBrowserLink(): Option<'send'> {
  return set({ browserLink: true });
}

/**
 * Only clients with a key reach the address at all, by tor's client authorisation: others do not
 * learn whether it is there. An identity with clients (`addClient`) admits those, with or without
 * this. Otherwise a key is made for this call: the event `online` has it as `clientKey`, Tor Browser
 * asks for it, and invitations carry it.
 */
export function withPrivate(): Option<'send' | ServiceVerb> {
  return set({ isPrivate: true });
}

/**
 * The key for somebody else's private address: the sender's, or that of the relay.
 *
 * @param key 52 characters of base32, or a line `ADDRESS:descriptor:x25519:KEY` as in tor's files
 * @throws OnionferryError ERR_KEY
 */
export function withClientKey(key: string): Option<'send' | ReceivingVerb> {
  return set({ clientKey: parseClientKeyFile(assertGiven(key, 'the key')) });
}

/**
 * The pages of `send`, `share` and `inbox` offer no faster downloads and uploads, so that no further
 * onion addresses are published for them.
 */
export function withSingleAddress(): Option<'send' | 'resumeSend' | 'share' | 'inbox'> {
  return set({ singleAddress: true });
}

const acceptAll = (): boolean => true;

/** Whether a recipient takes all of whatever is offered, so that nobody has to look at it first. */
export function agreesBeforehand({ accept, only, verify }: Settings): boolean {
  return accept === acceptAll && only.length === 0 && verify === undefined;
}

/**
 * Says whether the other side shows the same phrase.
 *
 * @param signal aborts when the answer is of no more use
 */
export type Verify = (phrase: string, signal: AbortSignal) => boolean | Promise<boolean>;

/**
 * Asks `compare` before anything is offered (`send`) or accepted (`receive`): both sides give this
 * option, and two people compare the phrases over another way, such as a call. Different phrases mean
 * that somebody who knows the password is between them; then the call fails with ERR_UNVERIFIED. The
 * pages of `send` offer nothing to browsers then, which show no phrase.
 */
export function withVerify(compare: Verify): Option<'send' | 'receive'> {
  assertFunctions([compare], 'what compares phrases must be a function');
  return set({ verify: compare });
}

/**
 * Decides on an offer.
 *
 * @param signal aborts when the answer is of no more use, because the sender does not offer it any
 *   longer
 */
export type Accept = (offer: OfferEvent, signal: AbortSignal) => boolean | Promise<boolean>;

/** @returns a password to try instead, or undefined to give up */
export type AnotherPassword = (signal: AbortSignal) => Promise<string | undefined>;

/**
 * How long a transfer waits for another side that answers, but sends nothing or takes nothing. Then
 * it fails with ERR_PEER_GONE, and can be resumed. 10 minutes unless set, and without a limit for
 * content of unknown length, whose source may have nothing to say.
 */
export function withStallLimit(ms: number): Option<TransferVerb> {
  if (!(ms > 0 && ms <= EXPIRY_MAX_MS)) throw usageError('the stall limit must be at most 24 days');
  return set({ stallMaxMs: ms });
}

/** `send` sends, and `receive` takes, no more than these bytes a second, over all circuits together. */
export function withThrottle(
  bytesPerSecond: number,
): Option<'send' | 'resumeSend' | ReceivingVerb> {
  if (!(bytesPerSecond >= THROTTLE_MIN && Number.isSafeInteger(bytesPerSecond))) {
    throw usageError('the rate must be at least 10kB a second');
  }
  return (settings) => {
    settings.throttle = new TokenBucket(bytesPerSecond);
  };
}

/** Parallel streams; without it the transfer decides. */
export function withCircuits(circuits: number): Option<TransferVerb> {
  return set({ circuits: checkCount(circuits, 'the number of circuits', CIRCUITS_MAX) });
}

export function set(changes: Partial<Settings>): Option {
  return (settings) => {
    Object.assign(settings, changes);
  };
}
