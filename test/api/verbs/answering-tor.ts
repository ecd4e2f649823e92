import { connect, type Socket } from 'node:net';
import { pipeline } from 'node:stream';
import { ed25519 } from '@noble/curves/ed25519.js';
import type { TorSettings } from '../../../src/api/settings.js';
import { onionAddressOf } from '../../../src/onion/address.js';
import { formatTorEndpoint } from '../../../src/tor/control/endpoint.js';
import { startControlServer } from '../../tor/control/control-server.js';
import { socksReply, startSocksServer } from '../../tor/support/socks-server.js';

export interface AnsweringTor extends AsyncDisposable {
  /** For `withTor` */
  readonly settings: TorSettings;
  /** What it was told, with the verb in capitals */
  readonly commands: readonly string[];
  /** What was dialled through it: `onion:port`, once for each connection */
  readonly dialled: readonly string[];
  /** The port of this machine that it was told to lead `virtual` of an added service to */
  portOf(virtual: number, onion?: string): number;
}

const DESCRIPTORS = ['first', 'second'];

/**
 * A running tor of another user, which takes every service and says that it can be found. Nothing
 * goes over a network: what it leads visitors to, by its SOCKS port as well, are ports of this
 * machine. It takes the keys of clients, and asks nobody for one.
 */
export async function startAnsweringTor(): Promise<AnsweringTor> {
  /** By `onion:port`, in the order of their coming */
  const added = new Map<string, number>();
  const dialled: string[] = [];
  const socks = await startSocksServer((from) => {
    const place = socks.asked.at(-1)?.replace(/^.*@/, '') ?? '';
    dialled.push(place);
    const port = added.get(place);
    if (port === undefined) from.end(socksReply(NO_SUCH_ONION));
    else lead(from, port);
  });
  const server = await startControlServer((command, socket) => {
    // granax writes some of them in lower case.
    const [verb = '', first = ''] = command.split(' ');
    switch (verb.toUpperCase()) {
      case 'PROTOCOLINFO':
        return '250-PROTOCOLINFO 1\n250-AUTH METHODS=NULL\n250-VERSION Tor="0.4.9.11"\n250 OK\n';
      case 'GETINFO':
        return TOLD[first] === undefined
          ? '552 Unrecognized key\n'
          : `250-${first}=${TOLD[first]}\n250 OK\n`;
      case 'ONION_CLIENT_AUTH_VIEW':
        return `250-ONION_CLIENT_AUTH_VIEW ${first}\n250 OK\n`;
      case 'DEL_ONION':
        for (const place of [...added.keys()]) if (place.startsWith(first)) added.delete(place);
        return '250 OK\n';
      case 'ADD_ONION': {
        const id = serviceId(first);
        for (const [, virtual, port] of command.matchAll(/Port=(\d+),127\.0\.0\.1:(\d+)/g)) {
          added.set(`${id}.onion:${virtual ?? ''}`, Number(port));
        }
        const events = DESCRIPTORS.flatMap((key) => [
          `CREATED ${id} UNKNOWN UNKNOWN ${key}`,
          `UPLOAD ${id} UNKNOWN directory-of-${key} ${key}`,
          `UPLOADED ${id} UNKNOWN directory-of-${key}`,
        ]);
        setImmediate(() => {
          for (const event of events) socket.write(`650 HS_DESC ${event}\r\n`);
        });
        return `250-ServiceID=${id}\n250 OK\n`;
      }
      default:
        return '250 OK\n';
    }
  });
  return {
    settings: {
      running: {
        control: formatTorEndpoint(server.endpoint),
        socks: formatTorEndpoint(socks.socks),
      },
    },
    get commands() {
      return server.commands.map((command) =>
        command.replace(/^\w+/, (verb) => verb.toUpperCase()),
      );
    },
    dialled,
    portOf(virtual, onion = '') {
      const [, port] =
        [...added].find(([at]) => at.startsWith(onion) && at.endsWith(`:${virtual}`)) ?? [];
      if (port === undefined) throw new Error(`no service has a port ${virtual}`);
      return port;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await server[Symbol.asyncDispose]();
      await socks[Symbol.asyncDispose]();
    },
  };
}

/** SOCKS extended error of tor's: the descriptor was not found. */
const NO_SUCH_ONION = 0xf0;

function lead(from: Socket, port: number): void {
  const to = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  pipeline(from, to, () => undefined);
  to.once('connect', () => {
    from.write(socksReply(0));
    pipeline(to, from, () => undefined);
  });
}

const TOLD: Readonly<Record<string, string>> = {
  version: '0.4.9.11',
  // Not that of this process: so it gets keys and ports instead of folders and sockets.
  'process/uid': '-1',
  'status/bootstrap-phase': 'NOTICE BOOTSTRAP PROGRESS=100 TAG=done SUMMARY="Done"',
};

/** control-spec, ADD_ONION: the expanded key, of which the first half is the scalar (RFC 8032, 5.1.5). */
function serviceId(key: string): string {
  const bytes = Buffer.from(key.replace('ED25519-V3:', ''), 'base64').subarray(0, 32);
  const scalar = BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`);
  const point = ed25519.Point.BASE.multiply(scalar % ed25519.Point.Fn.ORDER);
  return onionAddressOf(point.toBytes()).replace('.onion', '');
}
