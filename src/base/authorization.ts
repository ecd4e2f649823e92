/** What a client shows at the door. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The value of an Authorization header (RFC 7617), in UTF-8. */
export function formatAuthorization({ user, password }: Credentials): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** @returns undefined if it is not of the Basic scheme */
export function parseAuthorization(value: string): Credentials | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/]+={0,2})$/i.exec(value)?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  if (colon < 0) return undefined;
  return { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
