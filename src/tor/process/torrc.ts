import type { TorEndpoint } from '../control/endpoint.js';
import { quote } from '../control/quoting.js';

/** A listener whose port tor chooses, or a unix socket. */
export type Listener = TorEndpoint | { readonly kind: 'auto' };

export interface TorrcOptions {
  readonly dataDirectory: string;
  readonly cookieFile: string;
  readonly control: Listener;
  readonly socks: Listener;
  /** Where tor writes which control port it has chosen. */
  readonly controlPortFile?: string;
  /** tor ends when this process does. */
  readonly ownerPid: number;
  /** The user's lines: bridges, a proxy, a private network. */
  readonly extra?: string;
}

/** The whole configuration. tor reads it from stdin; it is in no file. */
export function torrcOf(options: TorrcOptions): string {
  const { extra = '', controlPortFile } = options;
  return [
    ...geoIpLines(extra),
    ...buildTimeoutLines(extra),
    // Of two lines that set one value the last counts: ours. The empty line ends a last line of
    // the user's that a backslash continues.
    extra,
    '',
    `DataDirectory ${quote(options.dataDirectory)}`,
    'ClientOnly 1',
    `ControlPort ${address(options.control)}`,
    ...(controlPortFile === undefined ? [] : [`ControlPortWriteToFile ${quote(controlPortFile)}`]),
    'CookieAuthentication 1',
    `CookieAuthFile ${quote(options.cookieFile)}`,
    // Without ExtendedErrors tor does not say why a dial failed. KeepAliveIsolateSOCKSAuth keeps a
    // circuit in use from being replaced after ten minutes.
    `SocksPort ${address(options.socks, 'ExtendedErrors KeepAliveIsolateSOCKSAuth OnionTrafficOnly')}`,
    `__OwningControllerProcess ${String(options.ownerPid)}`,
    // A data directory remembers that its tor was dormant; a tor that is started is wanted awake.
    'DormantCanceledByStartup 1',
    'ShutdownWaitLength 0',
    'Log notice stdout',
    '',
  ].join('\n');
}

/** A country as tor writes it, for instance in `ExcludeNodes {xx}`. */
const COUNTRY = /\{(?:\w\w|\?\?)\}/;

/**
 * Where addresses are on earth matters only to a client that is to avoid countries, and to read it
 * takes tor most of the CPU time of a start, and 35 MB. The user's own lines come later and count.
 */
function geoIpLines(extra: string): string[] {
  return COUNTRY.test(extra) ? [] : ['GeoIPFile /dev/null', 'GeoIPv6File /dev/null'];
}

/**
 * What a circuit takes, tor learns from the first hundred; until then it waits a minute for each, and
 * half as long again before it tries a stuck introduction another way. A bridge may really be that
 * slow. The value is where tor begins; it doubles by itself where circuits keep failing.
 */
const FIRST_BUILD_TIMEOUT_S = 20;

function buildTimeoutLines(extra: string): string[] {
  return /^\s*UseBridges\s+1/im.test(extra)
    ? []
    : [`CircuitBuildTimeout ${String(FIRST_BUILD_TIMEOUT_S)}`];
}

/**
 * A port line. The path is quoted for the port's own syntax, and the whole again for the torrc's,
 * where a bare `#` begins a comment.
 */
function address(listener: Listener, flags = ''): string {
  const suffix = flags === '' ? '' : ` ${flags}`;
  switch (listener.kind) {
    case 'unix':
      return quote(`unix:${quote(listener.path)}${suffix}`);
    case 'tcp':
      return `${listener.host}:${String(listener.port)}${suffix}`;
    case 'auto':
      return `127.0.0.1:auto${suffix}`;
  }
}
