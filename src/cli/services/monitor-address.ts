import { usageError } from '../../api/options.js';

const LOOPBACK = /^(127\.0\.0\.1|\[::1\]|localhost):(\d{1,5})$/;

/** Where it listens: for this machine alone. */
export type MonitorAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'loopback'; readonly host: string; readonly port: number };

/** @throws OnionferryError ERR_USAGE */
export function parseMonitorAddress(text: string): MonitorAddress {
  if (text.startsWith('unix:/') || text.startsWith('/')) {
    return { kind: 'unix', path: text.replace(/^unix:/, '') };
  }
  const [, host = '', port = ''] = LOOPBACK.exec(text) ?? [];
  if (host === '' || Number(port) > 65_535) {
    throw usageError('--metrics takes a unix socket such as /run/x.sock, or 127.0.0.1:9100');
  }
  return { kind: 'loopback', host: host.replace(/[[\]]/g, ''), port: Number(port) };
}
