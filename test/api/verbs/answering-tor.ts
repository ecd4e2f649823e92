import { ed25519 } from '@noble/curves/ed25519.js';
import { onionAddressOf } from '../../../src/onion/address.js';
import { type ControlServer, startControlServer } from '../../tor/control/control-server.js';

export interface AnsweringTor extends AsyncDisposable {
  /** For `withTor({ running })` */
  readonly control: string;
  /** The port of this machine that it was told to lead `virtual` to, once a service is added */
  portOf(virtual: number): number;
}

const DESCRIPTORS = ['first', 'second'];

/**
 * The control port of a running tor of another user, which takes every service and says that it can
 * be found. Nothing goes over a network: what tor would lead visitors to is a port of this machine.
 */
export async function startAnsweringTor(): Promise<AnsweringTor> {
  const added = new Map<number, number>();
  const server: ControlServer = await startControlServer((command, socket) => {
    // granax writes some of them in lower case.
    const [verb = '', first = ''] = command.split(' ');
    switch (verb.toUpperCase()) {
      case 'PROTOCOLINFO':
        return '250-PROTOCOLINFO 1\n250-AUTH METHODS=NULL\n250-VERSION Tor="0.4.9.11"\n250 OK\n';
      case 'GETINFO':
        return TOLD[first] === undefined
          ? '552 Unrecognized key\n'
          : `250-${first}=${TOLD[first]}\n250 OK\n`;
      case 'ADD_ONION': {
        for (const [, virtual, port] of command.matchAll(/Port=(\d+),127\.0\.0\.1:(\d+)/g)) {
          added.set(Number(virtual), Number(port));
        }
        const id = serviceId(first);
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
    control: `unix:${'path' in server.endpoint ? server.endpoint.path : ''}`,
    portOf(virtual) {
      const port = added.get(virtual);
      if (port === undefined) throw new Error(`no service has a port ${virtual}`);
      return port;
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const TOLD: Readonly<Record<string, string>> = {
  version: '0.4.9.11',
  // Not that of this process: so it gets keys and ports instead of folders and sockets.
  'process/uid': '-1',
  'net/listeners/socks': '"127.0.0.1:9"',
  'status/bootstrap-phase': 'NOTICE BOOTSTRAP PROGRESS=100 TAG=done SUMMARY="Done"',
};

/** control-spec, ADD_ONION: the expanded key, of which the first half is the scalar (RFC 8032, 5.1.5). */
function serviceId(key: string): string {
  const bytes = Buffer.from(key.replace('ED25519-V3:', ''), 'base64').subarray(0, 32);
  const scalar = BigInt(`0x${Buffer.from(bytes.toReversed()).toString('hex')}`);
  const point = ed25519.Point.BASE.multiply(scalar % ed25519.Point.Fn.ORDER);
  return onionAddressOf(point.toBytes()).replace('.onion', '');
}
