import type { KeptOffer } from '../../transfer/record/record.js';
import type { Settings } from '../settings.js';

/** What a later process must know of an offer to any number of recipients, to go on with it. */
export function keptOffer(settings: Settings, now: number): KeptOffer | undefined {
  const { keep, exclude, skipUnreadable, mayGrow, xattrs, expiryMs } = settings;
  if (!keep) return undefined;
  const expiresAt = expiryMs === undefined ? undefined : new Date(now + expiryMs).toISOString();
  return {
    exclude,
    skipUnreadable,
    mayGrow,
    xattrs,
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

/** How long it is still to be offered; 0 if it has expired, undefined if it never does. */
export function remainingMs({ expiresAt }: KeptOffer, now: number): number | undefined {
  return expiresAt === undefined ? undefined : Math.max(0, Date.parse(expiresAt) - now);
}
