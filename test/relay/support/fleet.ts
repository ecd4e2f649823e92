import { onTestFinished } from 'vitest';
import { OnionferryError } from '../../../src/base/errors.js';
import type { OnionAddress } from '../../../src/onion/address.js';
import { createIdentity } from '../../../src/onion/identity.js';
import { HttpRelayClient } from '../../../src/relay/client/http-relay-client.js';
import type { Directory } from '../../../src/relay/directory/directory.js';
import { MemoryDirectory, SharedNames } from '../../../src/relay/directory/memory-directory.js';
import type { RelayLimits } from '../../../src/relay/limits.js';
import type { RelayServer } from '../../../src/relay/server/start-relay.js';
import type { RelayClient } from '../../../src/relay-protocol/relay-client.js';
import { FleetAgent } from '../../support/fleet-agent.js';
import { CREDENTIALS, connected, runningRelay } from './running-relay.js';

export function newOnion(): OnionAddress {
  return createIdentity().address;
}

export interface FleetBackend {
  readonly onion: OnionAddress;
  readonly relay: RelayServer;
  readonly directory: Directory;
}

export interface FleetOptions {
  /** Makes the directory of a backend; default all share names in this process. */
  readonly directoryOf?: (onion: OnionAddress) => Promise<Directory>;
  readonly limits?: Partial<RelayLimits>;
}

/** Relays on unix sockets that share their channels, and a front that leads to each in turn. */
export class Fleet {
  readonly front: OnionAddress = newOnion();
  readonly backends: FleetBackend[] = [];
  readonly #options: FleetOptions;
  readonly #names = new SharedNames();
  #turn = 0;

  constructor(options: FleetOptions = {}) {
    this.#options = options;
  }

  async add(): Promise<FleetBackend> {
    const { directoryOf, limits } = this.#options;
    const onion = newOnion();
    const directory =
      (await directoryOf?.(onion)) ?? new MemoryDirectory({ onion, names: this.#names });
    const relay = await runningRelay(limits, {
      backend: { onion, front: this.front, directory },
    });
    const backend = { onion, relay, directory };
    this.backends.push(backend);
    return backend;
  }

  /** Ends one; the front leads to it no more. */
  async remove(backend: FleetBackend): Promise<void> {
    this.backends.splice(this.backends.indexOf(backend), 1);
    await backend.relay.close();
    await backend.directory[Symbol.asyncDispose]();
  }

  /** A client that knows the front, or one backend's own address. */
  client(host: OnionAddress = this.front): RelayClient {
    const agent = new FleetAgent((name) => this.#backendAt(name).relay.httpSocket);
    const client = new HttpRelayClient({
      host,
      agent,
      dial: ({ home = host, first }) => connected(this.#backendAt(home).relay.streamSocket, first),
      credentials: CREDENTIALS,
      retryDelaysMs: [10, 20],
    });
    onTestFinished(async () => {
      await client.close();
      agent.destroy();
    });
    return client;
  }

  /** Makes the front lead to this one next. */
  turnTo(backend: FleetBackend): void {
    this.#turn = this.backends.indexOf(backend);
  }

  #backendAt(host: string): FleetBackend {
    const backend =
      host === this.front
        ? this.backends[this.#turn++ % this.backends.length]
        : this.backends.find(({ onion }) => onion === host);
    if (backend !== undefined) return backend;
    throw new OnionferryError('ERR_ONION_UNREACHABLE', `nobody is at ${host}`);
  }
}
