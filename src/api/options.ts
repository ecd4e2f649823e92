import type { Writable } from 'node:stream';
import { OnionferryError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import type { Conflict } from '../disk/commit.js';
import { parseOnionAddress } from '../onion/address.js';
import type { Middleware } from '../onion-http/handlers.js';
import type { Kinds } from '../pages/inbox/kinds.js';
import type { InboxLimits } from '../pages/inbox/limits.js';
import { CURVE_NAMES, type CurveName, isCurveName } from '../pake/curves/curve-name.js';
import type { OfferEvent } from './events.js';
import type { Option, TorSettings } from './settings.js';

/** Downloads that a user may limit a share to. */
export const DOWNLOADS_MAX = 1_000_000;
/** Basic auth ends the user's name at the colon (RFC 7617, section 2); browsers ask for one line. */
const USER = /^[^:\p{Cc}]{1,64}$/u;
/** An end of a file's name, with or without the point in front. */
const KIND = /^\.?[^\s./\\\p{Cc}]+(?:\.[^\s./\\\p{Cc}]+)*$/u;
/** Streams that a user may ask for. The network is shared: more only takes from others. */
export const CIRCUITS_MAX = 32;
export const CONFLICTS: readonly Conflict[] = ['rename', 'overwrite', 'skip', 'fail'];
/** Longest time that setTimeout can wait, 24.8 days. */
const EXPIRY_MAX_MS = 2 ** 31 - 1;

export { CURVE_NAMES, type CurveName };

/** Keeps identities, Tor's state and a vendored tor in `directory`. */
export function withDataDir(directory: string): Option {
  if (directory === '') throw usage('the data directory has no name');
  return (settings) => {
    settings.dataDir = directory;
  };
}

/** Uses the onion identity kept under `name` ("default" otherwise); made when it is missing. */
export function withIdentity(name: string): Option {
  return (settings) => {
    settings.identity = { kind: 'kept', name };
  };
}

/** Uses a fresh onion address for this call alone, which links it to no other. */
export function withEphemeral(): Option {
  return (settings) => {
    settings.identity = { kind: 'ephemeral' };
  };
}

export function withTor(tor: TorSettings): Option {
  return (settings) => {
    settings.tor = { ...settings.tor, ...tor };
  };
}

/**
 * Meets on another's relay: `send` instead of hosting one, `receive` as the sender's relay.
 *
 * @param password the relay operator's, for Basic auth
 */
export function withRelay(onion: string, password: string): Option {
  const address = parseOnionAddress(onion);
  if (password === '') throw usage('a relay needs its password');
  return (settings) => {
    settings.relay = { onion: address, password };
  };
}

/** Otherwise one is generated, or it comes with the invitation (`receive`). */
export function withPassword(password: string): Option {
  // Pages would be open to whoever leaves the field empty.
  if (password === '') throw usage('a password is not empty');
  return (settings) => {
    settings.password = password;
  };
}

/** @throws OnionferryError ERR_CURVE */
export function withCurve(curve: CurveName): Option {
  if (!isCurveName(curve)) {
    throw new OnionferryError('ERR_CURVE', `curves are ${CURVE_NAMES.join(', ')}`);
  }
  return (settings) => {
    settings.curve = curve;
  };
}

/** Aborting ends the call as `close()` does. */
export function withSignal(signal: AbortSignal): Option {
  return (settings) => {
    settings.signal = signal;
  };
}

export function withLogger(logger: Logger): Option {
  return (settings) => {
    settings.logger = logger;
  };
}

/**
 * Ends after `ms` online: `send` and `share` with ERR_TIMEOUT when nothing was sent until then. What
 * is under way is not cut off.
 */
export function withExpiry(ms: number): Option {
  if (!(ms > 0 && ms <= EXPIRY_MAX_MS)) throw usage('an expiry lies between now and 24 days');
  return (settings) => {
    settings.expiryMs = ms;
  };
}

/** `send` serves one recipient after the other, until it is closed or expires. */
export function withKeep(): Option {
  return (settings) => {
    settings.keep = true;
  };
}

/** `receive` writes into `directory`, which is made when it is missing. */
export function withOutput(directory: string): Option {
  return (settings) => {
    settings.output = { kind: 'folder', directory };
  };
}

/** `receive` writes the one file of a transfer to `stream`, which stays open. */
export function withOutputStream(stream: Writable): Option {
  return (settings) => {
    settings.output = { kind: 'stream', stream };
  };
}

export function withConflict(conflict: Conflict): Option {
  if (!CONFLICTS.includes(conflict)) throw usage(`conflicts are ${CONFLICTS.join(', ')}`);
  return (settings) => {
    settings.conflict = conflict;
  };
}

/** Asks before anything is written; otherwise every offer is accepted. */
export function withAccept(accept: (offer: OfferEvent) => boolean | Promise<boolean>): Option {
  return (settings) => {
    settings.accept = accept;
  };
}

/** Streams in parallel; otherwise the transfer decides. */
export function withCircuits(circuits: number): Option {
  if (!Number.isInteger(circuits) || circuits < 1 || circuits > CIRCUITS_MAX) {
    throw usage(`circuits are a number from 1 to ${CIRCUITS_MAX}`);
  }
  return (settings) => {
    settings.circuits = circuits;
  };
}

/** What pages ask for besides the password; "ferry" otherwise. */
export function withUser(user: string): Option {
  if (!USER.test(user)) throw usage('a user name has 1 to 64 characters, and no colon');
  return (settings) => {
    settings.user = user;
  };
}

/** `share` ends after so many downloads, counted by what was delivered. */
export function withDownloadLimit(downloads: number): Option {
  if (!Number.isInteger(downloads) || downloads < 1 || downloads > DOWNLOADS_MAX) {
    throw usage(`a limit of downloads is a number from 1 to ${DOWNLOADS_MAX}`);
  }
  return (settings) => {
    settings.downloadLimit = downloads;
  };
}

/** What `inbox` takes at most. Without one of these the disk is the limit. */
export type InboxBounds = Partial<
  Pick<InboxLimits, 'bytesPerFile' | 'bytesPerUpload' | 'bytesTotal' | 'freeBytesKept'>
>;

/** Bounds what an inbox takes, in bytes. 256 MiB of the disk stay free unless told otherwise. */
export function withInboxBounds(bounds: InboxBounds): Option {
  if (Object.values(bounds).some((bytes) => !(bytes >= 0))) {
    throw usage('the bounds of an inbox are numbers of bytes');
  }
  return (settings) => {
    settings.inboxBounds = { ...settings.inboxBounds, ...bounds };
  };
}

/** Which files an inbox takes, by the ends of their names such as `pdf` or `tar.gz`. */
export function withKinds(kinds: Kinds): Option {
  const ends = 'accept' in kinds ? kinds.accept : kinds.deny;
  if (ends.length === 0 || !ends.every((end) => KIND.test(end))) {
    throw usage('kinds of files are the ends of names, such as pdf or tar.gz');
  }
  return (settings) => {
    settings.kinds = kinds;
  };
}

/** The Content-Security-Policy of a site, instead of one that lets nothing in from elsewhere. */
export function withPolicy(policy: string): Option {
  if (!/^[\x20-\x7e]+$/.test(policy)) throw usage('a policy is one line of plain text');
  return (settings) => {
    settings.policy = policy;
  };
}

/**
 * Puts Express handlers behind the access check and before everything else that `share`, `inbox`,
 * `site`, `serve` and `relay` answer: for rate limits, access logs, headers. Repeated, they add up.
 *
 * A handler may answer, call `next()`, or fail: an error with a `status` of 429 says that this side
 * is busy, one of 400 to 499 that the request is refused, and anything else is an internal error,
 * which the log has and the client does not see. On a relay they see `/join`, `/channel` and pages,
 * where clients want errors, not replies; streams and WebSockets do not pass them.
 */
export function withMiddleware(...handlers: readonly Middleware[]): Option {
  if (!handlers.every((handler) => typeof handler === 'function')) {
    throw usage('middleware is made of functions');
  }
  return (settings) => {
    settings.middleware = [...settings.middleware, ...handlers];
  };
}

function usage(message: string): OnionferryError {
  return new OnionferryError('ERR_USAGE', message);
}
