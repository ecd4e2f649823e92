import type { Writable } from 'node:stream';
import envPaths from 'env-paths';
import { type Logger, silentLogger } from '../base/logger.js';
import type { Conflict } from '../disk/commit.js';
import type { OnionAddress } from '../onion/address.js';
import type { Middleware } from '../onion-http/handlers.js';
import type { Kinds } from '../pages/inbox/kinds.js';
import type { InboxLimits } from '../pages/inbox/limits.js';
import type { CurveName } from '../pake/curves/curve-name.js';
import type { TorProgram } from '../tor/program/tor-program.js';
import type { OfferEvent } from './events.js';

/** How Tor is had. */
export interface TorSettings {
  /** A tor program other than the one found by itself. */
  readonly program?: string;
  /** Lines added to the torrc of the tor that is started: bridges, a private network. */
  readonly torrc?: string;
  /** A running tor instead of an own one. */
  readonly running?: { readonly control: string; readonly socks: string };
}

/** What the options of one call have set. Options alone write it. */
export interface Settings {
  dataDir: string;
  identity: { kind: 'kept'; name: string } | { kind: 'ephemeral' };
  tor: TorSettings;
  /** A tor that this process has found already. */
  foundTor: TorProgram | undefined;
  relay: { onion: OnionAddress; password: string } | undefined;
  /** For `relay` and Basic auth the text as it is; for transfers its five words or more. */
  password: string | undefined;
  /** For Basic auth of pages. */
  user: string;
  /** undefined: as the invitation says, or the default. */
  curve: CurveName | undefined;
  signal: AbortSignal | undefined;
  logger: Logger;
  expiryMs: number | undefined;
  /** Downloads, after which `share` ends. */
  downloadLimit: number | undefined;
  /** Content-Security-Policy of a site; undefined: a strict one. */
  policy: string | undefined;
  inboxBounds: Partial<InboxLimits>;
  /** undefined: every kind. */
  kinds: Kinds | undefined;
  /** For `share`, `inbox`, `site`, `serve` and `relay`. */
  middleware: Middleware[];
  keep: boolean;
  output: { kind: 'folder'; directory: string } | { kind: 'stream'; stream: Writable };
  conflict: Conflict;
  accept: (offer: OfferEvent) => boolean | Promise<boolean>;
  /** undefined: decided by the transfer itself. */
  circuits: number | undefined;
}

/** Sets something for one call, after checking it. */
export type Option = (settings: Settings) => void;

/** Where identities, Tor's state and a vendored tor are kept unless told otherwise. */
export function defaultDataDir(): string {
  return envPaths('onionferry', { suffix: '' }).data;
}

export function settle(options: readonly Option[]): Settings {
  const settings: Settings = {
    dataDir: defaultDataDir(),
    identity: { kind: 'kept', name: 'default' },
    tor: {},
    foundTor: undefined,
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
    output: { kind: 'folder', directory: '.' },
    conflict: 'rename',
    accept: () => true,
    circuits: undefined,
  };
  for (const option of options) option(settings);
  return settings;
}
