import { resolve } from 'node:path';
import { OnionferryError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { Conflict } from '../disk/commit.js';
import { parseOnionAddress } from '../onion/address.js';
import { parseClientKeyFile } from '../onion/client-key.js';
import { CURVE_NAMES, type CurveName, isCurveName } from '../pake/curves/curve-name.js';
import { TokenBucket } from '../stream/token-bucket.js';
import { defaultDataDir } from './default-data-dir.js';
import {
  assertFunctions,
  assertGiven,
  assertHas,
  assertKnown,
  checkCount,
  usageError,
} from './option-values.js';
import { bridgesIn, reachOf } from './reach-of.js';
import {
  type Option,
  type ReceivingVerb,
  type RunningVerb,
  type ServiceVerb,
  set,
  type TorSettings,
  type TorVerb,
  type TransferVerb,
  type Verify,
} from './settings.js';

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
const TOR_SETTINGS: readonly (keyof TorSettings)[] = [
  'program',
  'torrc',
  'running',
  'shared',
  'bridges',
  'proxy',
  'firewall',
];

/** Keeps identities, Tor's state and an installed tor in `directory`. */
export function withDataDir(directory: string): Option {
  return set({ dataDir: resolve(assertGiven(directory, 'the data directory')) });
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
