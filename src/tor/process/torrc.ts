import type { TorEndpoint } from '../control/endpoint.js';
import { quote } from '../control/quoting.js';

/** A listener whose port tor chooses, or a unix socket. */
export type Listener = TorEndpoint | { readonly kind: 'auto' };

export interface TorrcOptions {
  readonly dataDirectory: string;
  readonly cookieFile: string;
  readonly control: Listener;
  readonly socks: Listener;
  /** Where tor writes the control port that it has chosen. */
  readonly controlPortFile?: string;
  /** tor ends when this process does. */
  readonly ownerPid: number;
  /** The user's lines: bridges, a proxy, a private network. */
  readonly extra?: string;
}

/** The whole configuration; it reaches tor through its stdin and lies in no file. */
export function torrcOf(options: TorrcOptions): string {
  const { extra = '', controlPortFile } = options;
  return [
    // Of two lines that set one value the last counts: ours. The empty line ends what the
    // user's last line may have left open with a backslash.
    extra,
    '',
    `DataDirectory ${quote(options.dataDirectory)}`,
    'ClientOnly 1',
    `ControlPort ${address(options.control)}`,
    ...(controlPortFile === undefined ? [] : [`ControlPortWriteToFile ${quote(controlPortFile)}`]),
    'CookieAuthentication 1',
    `CookieAuthFile ${quote(options.cookieFile)}`,
    // Why a dial has failed is told only with ExtendedErrors. KeepAliveIsolateSOCKSAuth: a
    // circuit in use is not exchanged for a new one after ten minutes.
    `SocksPort ${address(options.socks, 'ExtendedErrors KeepAliveIsolateSOCKSAuth OnionTrafficOnly')}`,
    `__OwningControllerProcess ${String(options.ownerPid)}`,
    // A data directory remembers that its tor had gone to sleep; whoever starts one wants it awake.
    'DormantCanceledByStartup 1',
    'ShutdownWaitLength 0',
    'Log notice stdout',
    '',
  ].join('\n');
}

/**
 * A port line. The path is quoted for the port's own syntax, and the whole again for the file's,
 * where a bare `#` would begin a comment.
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
