import { isAbsolute } from 'node:path';
import { OnionferryError } from '../../base/errors.js';

const PORT = 6379;
const DATABASES = 16;

/** Where a store listens. No password: that is a secret, which a location is not. */
export type StoreLocation =
  | { readonly kind: 'unix'; readonly path: string }
  | {
      readonly kind: 'tcp';
      readonly host: string;
      readonly port: number;
      readonly isEncrypted: boolean;
      readonly user?: string | undefined;
      readonly database: number;
    };

/**
 * Reads `/path`, `unix:/path`, `redis://[user@]host[:port][/number]` or the same with `rediss://`, for TLS.
 *
 * @throws OnionferryError ERR_USAGE, without what was given: there may be a password in it
 */
export function parseStoreLocation(text: string): StoreLocation {
  const path = text.replace(/^unix:/, '');
  if (isAbsolute(path)) return { kind: 'unix', path };
  const url = urlOf(text);
  if (url === undefined || !/^rediss?:$/.test(url.protocol) || url.hostname === '') {
    throw bad('it is /path, unix:/path, redis://host:port or rediss://host:port');
  }
  if (url.password !== '') {
    throw bad('its password does not belong there: give a file of its own');
  }
  const database = Number(/^\/?(\d{0,2})$/.exec(url.pathname)?.[1] ?? DATABASES);
  if (database >= DATABASES || url.search !== '' || url.hash !== '') {
    throw bad('behind the host there may be a port, and a number from 0 to 15');
  }
  return {
    kind: 'tcp',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? PORT : Number(url.port),
    isEncrypted: url.protocol === 'rediss:',
    user: url.username === '' ? undefined : decodeURIComponent(url.username),
    database,
  };
}

/** As people write it, for messages. */
export function formatStoreLocation(location: StoreLocation): string {
  if (location.kind === 'unix') return location.path;
  const { host, port } = location;
  return `${host.includes(':') ? `[${host}]` : host}:${String(port)}`;
}

function urlOf(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

function bad(reason: string): OnionferryError {
  return new OnionferryError('ERR_USAGE', `this is no location of a store: ${reason}`);
}
