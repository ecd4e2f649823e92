import { isIP } from 'node:net';
import { OnionferryError } from '../../base/errors.js';
import { quote } from '../control/quoting.js';

/** The only way out of some networks. */
export interface Proxy {
  readonly kind: 'http' | 'socks5' | 'socks4';
  /** `host:port`, an IPv6 address in brackets. */
  readonly address: string;
  readonly user: string;
  readonly password: string;
}

const KINDS: Readonly<Record<string, Proxy['kind'] | undefined>> = {
  'http:': 'http',
  'socks5:': 'socks5',
  'socks5h:': 'socks5',
  'socks:': 'socks5',
  'socks4:': 'socks4',
  'socks4a:': 'socks4',
};
const DEFAULT_PORTS: Readonly<Record<Proxy['kind'], string>> = {
  http: '80', // which URL leaves out
  socks5: '1080',
  socks4: '1080',
};
/** RFC 1929: a length is one byte. */
const SECRET_MAX_BYTES = 255;
const URL_MAX_CHARS = 2048;

/**
 * Reads `http://[user:password@]host:port`, or the same with `socks5` or `socks4`.
 *
 * @throws OnionferryError ERR_USAGE, which does not repeat the address: it may hold a password
 */
export function parseProxy(text: string): Proxy {
  const url = text.length <= URL_MAX_CHARS && URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'https:') {
    throw usage('tor cannot use a proxy over TLS; most proxies also take http://host:port');
  }
  const kind = url === undefined ? undefined : KINDS[url.protocol];
  if (url === undefined || kind === undefined) {
    throw usage('a proxy is given as http://host:port, socks5://host:port or socks4://host:port');
  }
  const { hostname, port, pathname, search, hash } = url;
  if (!isHost(hostname) || !['', '/'].includes(pathname) || search !== '' || hash !== '') {
    throw usage('after the host and the port of a proxy comes nothing else');
  }
  const [user, password] = [decoded(url.username), decoded(url.password)];
  if (kind === 'http' && user.includes(':')) throw usage('the user of a proxy has no colon');
  if (kind === 'socks4' && (user !== '' || password !== '')) {
    throw usage('tor gives a socks4 proxy no user name; use socks5');
  }
  if (kind === 'socks5' && (user === '') !== (password === '')) {
    throw usage('a socks5 proxy takes a user name and a password, or neither');
  }
  const address = `${hostname}:${port === '' ? DEFAULT_PORTS[kind] : port}`;
  return { kind, address, user, password };
}

/** For the torrc. tor hands the proxy to the programs of transports too. */
export function proxyLines({ kind, address, user, password }: Proxy): string[] {
  switch (kind) {
    case 'http':
      return [
        `HTTPSProxy ${address}`,
        ...(user === '' ? [] : [`HTTPSProxyAuthenticator ${quote(`${user}:${password}`)}`]),
      ];
    case 'socks5':
      return [
        `Socks5Proxy ${address}`,
        ...(user === ''
          ? []
          : [`Socks5ProxyUsername ${quote(user)}`, `Socks5ProxyPassword ${quote(password)}`]),
      ];
    case 'socks4':
      return [`Socks4Proxy ${address}`];
  }
}

function isHost(name: string): boolean {
  return /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/.test(name) || isIP(name.slice(1, -1)) === 6;
}

function decoded(part: string): string {
  let text: string;
  try {
    text = decodeURIComponent(part);
  } catch (cause) {
    throw usage('in the user name and password of a proxy, write % as %25', cause);
  }
  if (/\p{Cc}/u.test(text) || new TextEncoder().encode(text).length > SECRET_MAX_BYTES) {
    throw usage('the user name and password of a proxy are one line of at most 255 bytes each');
  }
  return text;
}

function usage(message: string, cause?: unknown): OnionferryError {
  return new OnionferryError('ERR_USAGE', message, { cause });
}
