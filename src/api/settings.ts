import type { Writable } from 'node:stream';
import { type Logger, silentLogger } from '../base/logger.js';
import type { Conflict } from '../disk/commit.js';
import type { ExclusionRules } from '../disk/tree/exclusion.js';
import type { OnionAddress } from '../onion/address.js';
import type { ClientKeyFile } from '../onion/client-key.js';
import type { Middleware } from '../onion-http/middleware.js';
import type { Kinds } from '../pages/inbox/kinds.js';
import type { CheckCommand } from '../pages/inbox/upload-check.js';
import type { CurveName } from '../pake/curves/curve-name.js';
import type { StoreLocation } from '../relay/directory/store-location.js';
import type { TokenBucket } from '../stream/token-bucket.js';
import type { StartTorOptions, Tor } from '../tor/instance/tor.js';
import type { TorProgram } from '../tor/program/tor-program.js';
import { defaultDataDir } from './default-data-dir.js';
import type { OfferEvent } from './events.js';
import type { ReachSettings } from './reach-of.js';

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

/** How a service ends that lets nobody in any more, and serves those who are in. */
export interface Drain {
  /** Begins it. */
  readonly signal: AbortSignal;
  /** How long it may take from then on */
  readonly maxMs: number;
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
  drain: Drain | undefined;
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
  /** Of a relay that is one of several. */
  backends:
    | {
        readonly location: StoreLocation;
        readonly storePassword: string | undefined;
        readonly front: OnionAddress | undefined;
      }
    | undefined;
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
  /** Records of the transfers to resume; undefined: the newest that are meant. */
  interrupted: readonly string[] | undefined;
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

/**
 * Says whether the other side shows the same phrase.
 *
 * @param signal aborts when the answer is of no more use
 */
export type Verify = (phrase: string, signal: AbortSignal) => boolean | Promise<boolean>;

/**
 * Decides on an offer.
 *
 * @param signal aborts when the answer is of no more use, because the sender does not offer it any
 *   longer
 */
export type Accept = (offer: OfferEvent, signal: AbortSignal) => boolean | Promise<boolean>;

/** @returns a password to try instead, or undefined to give up */
export type AnotherPassword = (signal: AbortSignal) => Promise<string | undefined>;

/** Whether a recipient takes all of whatever is offered, so that nobody has to look at it first. */
export function agreesBeforehand({ accept, only, verify }: Settings): boolean {
  return accept === acceptAll && only.length === 0 && verify === undefined;
}

/** An option that sets these. */
export function set(changes: Partial<Settings>): Option {
  return (settings) => {
    Object.assign(settings, changes);
  };
}

const acceptAll = (): boolean => true;

/** Applies options in order, over the defaults. */
export function applyOptions(options: readonly AnyOption[]): Settings {
  const settings: Settings = {
    dataDir: '',
    identity: { kind: 'kept', name: 'default' },
    tor: {},
    foundTor: undefined,
    torAhead: undefined,
    interrupted: undefined,
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
    backends: undefined,
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
