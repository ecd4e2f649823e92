import type { IncomingMessage } from 'node:http';

/** Where a request comes from: `unknown` is for a token to settle. */
export type Origin = 'own-page' | 'foreign-page' | 'unknown';

/**
 * Whether a form was sent by a page of this very address. A browser adds Basic auth to requests of
 * any page that knows the address; it does not lie about where they come from.
 */
export function originOf({ headers }: IncomingMessage): Origin {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' ? 'own-page' : 'foreign-page';
  const { origin, host } = headers;
  // No browser: every browser of the last years names an origin with a POST.
  if (origin === undefined) return 'own-page';
  // What Firefox says for a form on a page with Referrer-Policy no-referrer, ours or another's.
  if (origin === 'null') return 'unknown';
  return host !== undefined && origin === `http://${host}` ? 'own-page' : 'foreign-page';
}
