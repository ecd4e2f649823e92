import type { Middleware } from '../onion-http/middleware.js';
import type { Kinds } from '../pages/inbox/kinds.js';
import { assertFunctions, assertKnown, checkCount, isText, usageError } from './option-values.js';
import { type InboxBounds, type Option, type PageVerb, type ServiceVerb, set } from './settings.js';

/** Downloads that a user may limit a share to. */
export const DOWNLOADS_MAX = 1_000_000;
const DRAIN_MS = 60_000;
/** Far below what a timer can wait (2^31 ms), beyond which it fires at once. */
export const DRAIN_MAX_MS = 86_400_000;
/** Basic auth ends the user name at the colon (RFC 7617, section 2); browsers ask for one line. */
const USER = /^[^:\p{Cc}]{1,64}$/u;
/** The end of a file name, with or without the leading dot. */
const KIND = /^\.?[^\s./\\\p{Cc}]+(?:\.[^\s./\\\p{Cc}]+)*$/u;

const BOUNDS: readonly (keyof InboxBounds)[] = [
  'bytesPerFile',
  'bytesPerUpload',
  'bytesTotal',
  'freeBytesKept',
  'bytesKept',
];

/** The user name that pages ask for besides the password; "ferry" unless set. */
export function withUser(user: string): Option<PageVerb | 'receive'> {
  if (!isText(user, USER))
    throw usageError('the user name must be 1 to 64 characters without a colon');
  return set({ user });
}

/** `share` ends after this many downloads, counted by what was delivered. */
export function withDownloadLimit(downloads: number): Option<'share'> {
  return set({ downloadLimit: checkCount(downloads, 'the download limit', DOWNLOADS_MAX) });
}

/** Limits what an inbox takes. Repeated options add up; without them the free space is the limit. */
export function withInboxBounds(bounds: InboxBounds): Option<'inbox'> {
  assertKnown(bounds, BOUNDS, 'withInboxBounds()');
  if (Object.values(bounds).some((bytes: unknown) => !(typeof bytes === 'number' && bytes >= 0))) {
    throw usageError('the limits of an inbox must be numbers of bytes');
  }
  return (settings) => {
    settings.inboxBounds = { ...settings.inboxBounds, ...bounds };
  };
}

/** Which files an inbox takes, by the end of their names, such as `pdf` or `tar.gz`. */
export function withKinds(kinds: Kinds): Option<'inbox'> {
  const ends = 'accept' in kinds ? kinds.accept : kinds.deny;
  if (ends.length === 0 || !ends.every((end) => KIND.test(end))) {
    throw usageError('kinds of files must be ends of names, such as pdf or tar.gz');
  }
  return set({ kinds });
}

/** The Content-Security-Policy of a site. The default lets pages load nothing from elsewhere. */
export function withPolicy(policy: string): Option<'site'> {
  if (!isText(policy, /^[\x20-\x7e]+$/))
    throw usageError('the policy must be one line of plain text');
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
export function withMiddleware(...handlers: readonly Middleware[]): Option<ServiceVerb> {
  assertFunctions(handlers, 'middleware must be functions');
  return (settings) => {
    settings.middleware = [...settings.middleware, ...handlers];
  };
}

/**
 * When `signal` aborts, a service lets nobody in any more, serves those who are in to their end, and
 * then ends, and `done` resolves. After `maxMs` it ends as by `suspend()`, whoever is still there.
 *
 * @param maxMs a minute unless set
 */
export function withDrain(signal: AbortSignal, maxMs: number = DRAIN_MS): Option<ServiceVerb> {
  if (!((signal as unknown) instanceof AbortSignal)) {
    throw usageError('withDrain() takes an AbortSignal');
  }
  if (!(maxMs >= 0 && maxMs <= DRAIN_MAX_MS)) {
    throw usageError('a drain may take a day at most');
  }
  return set({ drain: { signal, maxMs } });
}
