import { type Bytes, fromBase64, fromUtf8, toBase64, utf8 } from './bytes.js';

/** What a client shows to be let in. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The value of an Authorization header (RFC 7617), in UTF-8. */
export function formatAuthorization({ user, password }: Credentials): string {
  return `Basic ${toBase64(utf8(`${user}:${password}`))}`;
}

/** @returns undefined if it is not of the Basic scheme, or not in UTF-8 */
export function parseAuthorization(value: string): Credentials | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(value)?.[1];
  const bytes: Bytes | undefined = encoded === undefined ? undefined : fromBase64(encoded);
  if (bytes === undefined) return undefined;
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch {
    return undefined;
  }
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
