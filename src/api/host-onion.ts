import { createRunDirectory } from '../disk/run-directory.js';
import type { OnionAddress } from '../onion/address.js';
import type { Identity } from '../onion/identity.js';
import type { Circuits } from '../onion-http/circuits.js';
import { HTTP_PORT } from '../relay-protocol/wire.js';
import type { Tor } from '../tor/instance/tor.js';
import { admittedBy, type Door } from './door.js';

/** A server on unix sockets, which answers HTTP. */
export interface OnionHttp extends AsyncDisposable {
  /** The unix socket for HTTP_PORT */
  readonly httpSocket: string;
  readonly circuits: Circuits;
}

export interface HostOnionOptions<Started extends OnionHttp> {
  readonly tor: Tor;
  readonly identity: Identity;
  /** Whom its address lets near. */
  readonly door: Door;
  /** @param directory for its sockets */
  readonly start: (directory: string) => Promise<Started>;
  /** Ports besides HTTP_PORT, with their unix sockets */
  readonly ports?: (server: Started) => Readonly<Record<number, string>>;
  /** An address of Onionbalance that leads here as well */
  readonly front?: OnionAddress | undefined;
  /** Connections that tor carries on one circuit at a time; default tor's room's */
  readonly streamsPerCircuit?: number;
  readonly signal: AbortSignal;
}

/** A server that can be reached through Tor until it is disposed of. */
export interface Hosted<Started extends OnionHttp> extends AsyncDisposable {
  readonly onion: OnionAddress;
  readonly server: Started;
}

/** Starts a server in this process and publishes it; resolves when it can be reached. */
export async function hostOnion<Started extends OnionHttp>(
  options: HostOnionOptions<Started>,
): Promise<Hosted<Started>> {
  const { tor, identity, door, start, ports, front, streamsPerCircuit, signal } = options;
  const directory = await createRunDirectory();
  let server: Started | undefined;
  try {
    const started = (server = await start(directory.path));
    started.circuits.closeWith(tor);
    const targets = { [HTTP_PORT]: started.httpSocket, ...ports?.(started) };
    const publication = await tor.publish({
      identity,
      ports: Object.entries(targets).map(([virtual, unix]) => ({
        virtual: Number(virtual),
        target: { unix },
      })),
      clients: admittedBy(door),
      proofOfWork: true,
      front,
      onNewTor: () => started.circuits.countAnew(),
      ...(streamsPerCircuit !== undefined && { streamsPerCircuit }),
      signal,
    });
    return {
      onion: identity.address,
      server: started,
      async [Symbol.asyncDispose](): Promise<void> {
        await publication.close();
        await started[Symbol.asyncDispose]();
        await directory.remove();
      },
    };
  } catch (error) {
    await server?.[Symbol.asyncDispose]();
    await directory.remove();
    throw error;
  }
}
